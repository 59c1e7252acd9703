#include "runtime/engine/next.hpp"

#include <algorithm>
#include <set>

namespace pvsplan::engine {

using program::GuardId;
using program::InstanceId;
using program::Node;
using program::NodeId;
using state::Decision;
using state::Phase;

namespace {

bool has_failed(Phase phase) { return phase == Phase::failed || phase == Phase::unreached; }

HaltReason stop_for(program::OnFailure on_failure, Phase phase) {
    // An unreached host is no failure of the step, so it causes no rollback.
    return on_failure == program::OnFailure::rollback && phase == Phase::failed ? HaltReason::roll_back
                                                                                : HaltReason::failed;
}

Decision guard_of(const state::ExecutionGraph& execution, const state::ExecutionState& state, const Node& node) {
    return node.guard ? state::decision_of(execution, state, node.guard) : Decision::holds;
}

// The outermost guard around the node that is undecided, with all guards around it known to hold.
GuardId first_open(const state::ExecutionGraph& execution, const state::ExecutionState& state, GuardId guard) {
    GuardId open;
    for (auto at = guard; at; at = (*execution.guards)[at.index()].parent)
        if (state.guards[at.index()] == Decision::open) open = at;
    return open;
}

}  // namespace

// Inner iterations come after outer ones.
// A doubt outweighs whatever else stops the run: with it nothing can be decided about the rest.
Containment contain(const state::ExecutionGraph& execution, const state::ExecutionState& state) {
    Containment result{.given_up = std::vector<char>(execution.instances->size(), 0)};
    for (std::size_t i = 0; i < execution.instances->size(); ++i) {
        const InstanceId parent = (*execution.instances)[i].parent;
        result.given_up[i] = state.abandoned[i] != 0 || (parent && result.given_up[parent.index()] != 0) ? 1 : 0;
    }
    if (state.rollback_because) result.stop = HaltReason::roll_back;
    for (std::size_t i = 0; i < execution.size(); ++i) {
        const Phase phase = state.nodes[i].phase;
        if (phase == Phase::in_doubt) result.stop = HaltReason::doubt;
        const InstanceId around = execution.graph->nodes[i].instance;
        const bool is_contained = around && result.given_up[around.index()] != 0;
        if (has_failed(phase) && !is_contained) result.stop = std::max(result.stop, HaltReason::failed);
    }
    return result;
}

namespace {

// The number of abandoned iterations of the same loop within the same outer iteration.
std::uint32_t abandoned_siblings(const state::ExecutionGraph& execution, const state::ExecutionState& state,
                                 InstanceId id) {
    const program::Instance& one = (*execution.instances)[id.index()];
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < execution.instances->size(); ++i) {
        const program::Instance& other = (*execution.instances)[i];
        if (state.abandoned[i] != 0 && other.parent == one.parent && other.loop == one.loop) ++count;
    }
    return count;
}

// Whether an iteration around may be abandoned by `on_failure: continue`.
bool may_continue(const state::ExecutionGraph& execution, InstanceId iteration) {
    for (auto at = iteration; at; at = (*execution.instances)[at.index()].parent)
        if ((*execution.instances)[at.index()].max_failures > 0) return true;
    return false;
}

// The iteration around that was abandoned once. It fails as a whole: nothing was proved of going on within it.
InstanceId readmitted_around(const state::ExecutionGraph& execution, const state::ExecutionState& state,
                             InstanceId iteration) {
    InstanceId outermost;
    for (auto at = iteration; at; at = (*execution.instances)[at.index()].parent)
        if (state.readmitted[at.index()] != 0) outermost = at;
    return outermost;
}

}  // namespace

// From the inside out: the innermost iteration whose loop has a failure left is abandoned. Where none has, the rule of
// the plan holds, not that of the step, because the loop was to go on and may not.
Consequence consequence_of(const state::ExecutionGraph& execution, const state::ExecutionState& state, NodeId failed) {
    const Node& node = execution.node(failed);
    const Phase phase = state.nodes[failed.index()].phase;
    const std::string what = "`" + node.id + "` " + (phase == Phase::unreached ? "was not reached" : "failed");
    if (state::abandoned_around(execution, state, node.instance)) return {};
    if (!may_continue(execution, node.instance)) return {.stop = stop_for(node.on_failure, phase), .because = what};
    InstanceId at = node.instance;
    if (const InstanceId around = readmitted_around(execution, state, at)) at = around;
    std::string because = what;
    for (; at; at = (*execution.instances)[at.index()].parent) {
        const program::Instance& one = (*execution.instances)[at.index()];
        if (abandoned_siblings(execution, state, at) < one.max_failures)
            return {.abandons = at, .stop = HaltReason::no, .because = because};
        if (one.max_failures > 0)
            because = what + ", and no more iterations of `" + one.loop + "` may be abandoned than " +
                      std::to_string(one.max_failures);
    }
    return {.stop = stop_for(execution.plan->on_failure, phase), .because = because};
}

// An iteration of which all is finished or skipped needs nobody: only those with something left are told.
std::vector<InstanceId> abandoned_iterations(const state::ExecutionGraph& execution,
                                             const state::ExecutionState& state) {
    std::vector<char> is_left(execution.instances->size(), 0);
    for (std::size_t i = 0; i < execution.size(); ++i) {
        const Node& node = execution.graph->nodes[i];
        if (node.type == Node::Type::join || !node.instance || state.nodes[i].phase == Phase::finished) continue;
        if (guard_of(execution, state, node) == Decision::fails) continue;
        if (const InstanceId around = state::abandoned_around(execution, state, node.instance); around)
            is_left[around.index()] = 1;
    }
    std::vector<InstanceId> left;
    for (std::size_t i = 0; i < is_left.size(); ++i)
        if (is_left[i] != 0) left.emplace_back(i);
    return left;
}

// Whether an iteration further in was abandoned by itself before this one was.
bool has_abandoned_within(const state::ExecutionGraph& execution, const state::ExecutionState& state,
                          InstanceId iteration) {
    for (std::size_t i = 0; i < state.abandoned.size(); ++i)
        if (state.abandoned[i] != 0 && InstanceId(i) != iteration &&
            state::abandoned_around(execution, state, InstanceId(i)) == iteration)
            return true;
    return false;
}

// Nodes come in an order in which every edge points forward, so one pass is enough: what comes before a node is known
// when it is reached.
Next next(const state::ExecutionGraph& execution, const state::ExecutionState& state) {
    Next result;
    const auto containment = contain(execution, state);
    result.stop = containment.stop;
    std::vector<char> over(execution.size(), 0);
    std::set<GuardId> decide;
    for (std::size_t i = 0; i < execution.size(); ++i) {
        const auto& node = execution.graph->nodes[i];
        const auto phase = state.nodes[i].phase;
        const auto all_before_over = [&] {
            for (auto e = execution.first_in[i]; e < execution.first_in[i + 1]; ++e)
                if (over[execution.in[e].index()] == 0) return false;
            return true;
        };
        const bool was_given_up = node.instance && containment.given_up[node.instance.index()] != 0;
        const bool is_due = !state::is_held(state, NodeId(i)) && phase != Phase::started && phase != Phase::in_doubt &&
                            all_before_over();
        if (phase == Phase::finished || (is_due && was_given_up)) {
            over[i] = 1;
        } else if (is_due) {  // a failure that nothing contains stops all below
            if (node.type == Node::Type::join) {
                over[i] = 1;
            } else if (const auto guard = guard_of(execution, state, node); guard == Decision::fails) {
                over[i] = 1;
            } else if (guard == Decision::open) {
                decide.insert(first_open(execution, state, node.guard));
            } else if (node.type == Node::Type::approval) {
                result.approve.push_back(NodeId(i));
            } else {
                result.start.push_back(NodeId(i));
            }
        }
    }
    result.over = static_cast<std::size_t>(std::count(over.begin(), over.end(), 1));
    if (result.stop != HaltReason::no) {
        result.start.clear();
        result.approve.clear();
        return result;
    }
    result.decide.assign(decide.begin(), decide.end());
    return result;
}

}  // namespace pvsplan::engine
