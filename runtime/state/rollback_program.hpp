// Rollback is one more program for the same engine, derived from the plan and from what ran. It is what the literature
// on sagas calls compensation: completed steps are undone in the reverse order of their dependencies.
#pragma once

#include <string>
#include <vector>

#include "runtime/state/run_state.hpp"

namespace pvsplan::state {

// A step that cannot be undone, and the steps before it that therefore are not undone.
struct NoReturn {
    std::string node;
    std::string why;
    std::vector<std::string> stays;  // steps that ran before it and are not undone either
};

// `nodes` are called "undo:STEP" ("undo:STEP.ID" where an undo has several steps) and "recover:GROUP.ID".
struct RollbackProgram {
    program::Graph graph;
    std::vector<program::Guard> guards;
    std::vector<NoReturn> no_return;
    ExecutionGraph execution;
    ExecutionState state;
};

// Undoes exactly the nodes that finished or may have begun. If a ended before b started, b is undone before a. If a
// node began that the `recover` of a group covers, those steps replace the undo of the group; the outermost group
// decides. A step that cannot be undone bounds the rollback: it, and all that ended before it started, stay.
std::unique_ptr<RollbackProgram> derive_rollback(const RunState& run);

}  // namespace pvsplan::state
