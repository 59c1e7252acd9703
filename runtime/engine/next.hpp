// What may start next: a pure function of the execution graph and its state. This is the specification. The engine
// computes the same answer incrementally (ready.hpp), and a test compares the two.
#pragma once

#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "runtime/state/execution_graph.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::engine {

// Why nothing new may start.
enum class HaltReason : std::uint8_t {
    no,
    failed,     // a step failed (or was not reached) and nothing contains the failure; what runs still ends
    roll_back,  // likewise, and the step wants the run to be rolled back
    doubt,      // a step is in doubt
};

// What may happen next, as sets in the order of the nodes: a value that two ways of computing it can be compared by.
struct Next {
    HaltReason stop = HaltReason::no;
    std::vector<program::GuardId> decide;  // guards whose first node could start now, outer ones first
    std::vector<program::NodeId> start;    // actions whose turn it is, in the order of the plan
    std::vector<program::NodeId> approve;  // approvals that are wanted now
    std::size_t over = 0;                  // nodes that nothing waits for any more
    [[nodiscard]] bool is_complete(const state::ExecutionGraph& execution) const { return over == execution.size(); }
};

// A retry counts as startable whatever the time, and so does a step outside of its window; what the run stops before
// neither starts nor is over; `start` and `approve` are empty when there is a stop.
Next next(const state::ExecutionGraph& execution, const state::ExecutionState& state);

// Which iterations of loops with `on_failure: continue` are abandoned, and whether a failure reaches beyond them. It
// reads recorded decisions and never decides anew, because the state on which they were based has changed since.
struct Containment {
    std::vector<char> given_up;  // by iteration; those within one that was abandoned as well
    HaltReason stop = HaltReason::no;
};
Containment contain(const state::ExecutionGraph& execution, const state::ExecutionState& state);

// The outermost abandoned iterations with a step that has not finished, in the order of the plan.
std::vector<program::InstanceId> abandoned_iterations(const state::ExecutionGraph& execution,
                                                      const state::ExecutionState& state);

// Whether an iteration within it was abandoned as well. Then it is not tried again: nothing was proved of going on
// within it.
bool has_abandoned_within(const state::ExecutionGraph& execution, const state::ExecutionState& state,
                          program::InstanceId iteration);

// The decision when a step has failed for good (or was not reached). Its record is in the same commit as the failure.
struct Consequence {
    program::InstanceId abandons;      // the loop goes on without this iteration; none:
    HaltReason stop = HaltReason::no;  // the run is halted, or rolled back; `no`: what it is in was abandoned before
    std::string because;
};
Consequence consequence_of(const state::ExecutionGraph& execution, const state::ExecutionState& state,
                           program::NodeId failed);

}  // namespace pvsplan::engine
