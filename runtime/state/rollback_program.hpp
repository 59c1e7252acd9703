// Rollback is one more program for the same engine: derived, purely, from the plan and from what ran.
#pragma once

#include <string>
#include <vector>

#include "runtime/state/run_state.hpp"

namespace pvsplan::state {

// A step that cannot be undone, and what it leaves undone behind it.
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

// Undoes exactly the nodes that finished or may have begun: if a ended before b was started, b is undone before a.
// A group with `recover` of which a covered node began is replaced by those steps, the outermost first.
// What cannot be undone stops the way there: it and all that ended before it was started stay as they are.
std::unique_ptr<RollbackProgram> derive_rollback(const RunState& run);

}  // namespace pvsplan::state
