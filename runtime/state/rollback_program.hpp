// The rollback of a run: the program that the plan and what ran give (compiler/program/rollback.hpp), as one more
// program for the same engine.
#pragma once

#include "compiler/program/rollback.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::state {

struct RollbackProgram : program::RollbackProgram {
    ExecutionGraph execution;
    ExecutionState state;
};

// Derived from how far each node has come; what is known by then (outputs, states before a step) is written into it.
std::unique_ptr<RollbackProgram> derive_rollback(const RunState& run);

}  // namespace pvsplan::state
