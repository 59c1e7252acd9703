// What would bring about what a plan lacks: the actions of its modules, and the procedures that call them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/checks/requirement.hpp"
#include "compiler/graph/facts.hpp"
#include "compiler/resolve/model.hpp"

namespace pvsplan::checks {

struct Remedy {
    std::vector<std::string> names;  // of the actions, then of the procedures
    std::string text;                // "`pvs.database.backup` does `backup(database)`"; empty where nothing does
};

// Of what a requirement that is violated, or that says nothing, lacks.
Remedy remedy(const resolve::Model& model, const graph::Facts& facts, const Requirement& requirement,
              const Decision& decision);

// Of a state of a kind, by whatever sets it to a value that `suits`; that is asked without a value where it depends on
// how the action is called. `what` is how the state is called.
Remedy remedy_of_state(const resolve::Model& model, const std::string& kind, const std::string& state,
                       const std::string& what, const std::function<bool(const program::Value* value)>& suits);

}  // namespace pvsplan::checks
