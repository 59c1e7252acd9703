// The rollback of a run: the program that the plan and what ran give (compiler/program/rollback.hpp), as one more
// program for the same engine.
#pragma once

#include "compiler/program/rollback.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::state {

// Its execution graph points into itself, so it is made once and stays where it is.
struct RollbackProgram : program::RollbackProgram {
    std::uint64_t back_to = 0;  // the record to which it goes back; 0: to the beginning
    ExecutionGraph execution;
    ExecutionState state;
};

// Derived from how far each node has come; what is known by then (outputs, states before a step) is written into it.
// It goes back to that record, or as far as the run says; 0: to the beginning. What a rollback that went back less far
// has undone is undone in it: that one was its beginning.
std::unique_ptr<RollbackProgram> derive_rollback(const RunState& run, std::uint64_t back_to);
std::unique_ptr<RollbackProgram> derive_rollback(const RunState& run);

// The number of the record by which the first node of a step or group of the plan began; 0: none has.
std::uint64_t began_as(const RunState& run, std::string_view step);

}  // namespace pvsplan::state
