#include "runtime/state/run_state.hpp"

#include "runtime/state/rollback_program.hpp"

namespace pvsplan::state {

// The farm begins as the plan was compiled for it; what nobody knew then stays out, and reads as unknown.
RunState::RunState(const program::Plan& plan_) : plan(&plan_), execution(execution_graph_of(plan_)) {
    forward.nodes.resize(execution.size());
    forward.guards.resize(plan->guards.size());
    forward.abandoned.resize(plan->instances.size());
    forward.readmitted.resize(plan->instances.size());
    farm.reserve(plan->objects.size());
    for (const auto& object : plan->objects) {
        States known;
        for (const auto& [name, value] : object.state)
            if (!value.has_unknown()) known.emplace(name, value);
        objects.emplace(object.id, program::ObjectId(farm.size()));
        farm.push_back(std::move(known));
    }
}

RunState::~RunState() = default;
RunState::RunState(RunState&&) noexcept = default;
RunState& RunState::operator=(RunState&&) noexcept = default;

// The rollback program once there is one, else the plan: the engine runs either with the same code.
const ExecutionGraph& RunState::now() const { return back ? back->execution : execution; }
const ExecutionState& RunState::now_state() const { return back ? back->state : forward; }
ExecutionState& RunState::now_state() { return back ? back->state : forward; }

// One guard that fails decides; one that is open leaves it open only where none fails.
Decision decision_of(const ExecutionGraph& execution, const ExecutionState& state, program::GuardId guard) {
    auto verdict = Decision::holds;
    for (auto at = guard; at; at = (*execution.guards)[at.index()].parent) {
        const auto here = state.guards[at.index()];
        if (here == Decision::fails) return Decision::fails;
        if (here == Decision::open) verdict = Decision::open;
    }
    return verdict;
}

// The outermost iteration around that was abandoned; none: it goes on. Inner ones end with it.
program::InstanceId abandoned_around(const ExecutionGraph& execution, const ExecutionState& state,
                                     program::InstanceId iteration) {
    program::InstanceId outermost;
    for (auto at = iteration; at; at = (*execution.instances)[at.index()].parent)
        if (state.abandoned[at.index()] != 0) outermost = at;
    return outermost;
}

// The innermost iteration that a person left out, itself or around; none: it belongs to the run.
program::InstanceId left_out_around(const ExecutionGraph& execution, const ExecutionState& state,
                                    program::InstanceId iteration) {
    auto at = iteration;
    while (at && !state.left_out.contains(at)) at = (*execution.instances)[at.index()].parent;
    return at;
}

}  // namespace pvsplan::state
