// Which actions of the modules would establish what a plan lacks, and which procedures call them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/checks/decision.hpp"
#include "compiler/graph/facts.hpp"
#include "compiler/graph/vocabulary.hpp"

namespace pvsplan::checks {

struct Remedy {
    std::vector<std::string> names;  // of the actions, then of the procedures
    std::string text;                // "`sqlserver.backup` does `backup(database)`"; empty where nothing does
};

// What the advice is about: what is there, and what could be called.
struct Advice {
    const graph::Facts& facts;
    const graph::Vocabulary& vocabulary;
};

// The remedy for the event or state that a violated or vacuous requirement lacks.
Remedy remedy(const Advice& about, const Requirement& requirement, const Decision& decision);

// The remedy for a state of a kind: the actions that set it to a value for which `suits` is true. `suits` gets null
// where the value depends on the arguments of the action. `what` names the state in the text.
Remedy remedy_of_state(const Advice& about, const std::string& kind, const std::string& state, const std::string& what,
                       const std::function<bool(const program::Value* value)>& suits);

}  // namespace pvsplan::checks
