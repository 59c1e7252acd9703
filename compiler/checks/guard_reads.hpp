// The states that run-time conditions read, and the steps that change them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/base/rows.hpp"
#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

// The run evaluates a `when` at the moment at which the first of its steps could start. So a writer of a state that it
// reads has to come before all of its first steps, or after one of them. Its own steps come after it and are left out.
struct GuardRead {
    graph::GuardIndex guard;
    graph::StateVariable variable;
    graph::Index writer;
    std::vector<graph::Index> first;  // its minimal steps in the order
};
std::vector<GuardRead> guard_reads(const graph::Facts& facts, const base::Rows<graph::Index>& writers);

// A condition that reads states only that no step changes before it, with what they are before the run.
struct KnownGuard {
    std::optional<bool> holds;   // none: it depends on something else, too
    program::ExprPtr condition;  // with the states in it
    std::string why;             // "pvs02.version is 2402": the states that it reads
};
// By guard; nothing where a state is changed before it, or is not known before the run.
std::vector<std::optional<KnownGuard>> guards_known_before_run(const graph::Facts& facts);

}  // namespace pvsplan::checks
