#include "runtime/engine/ready.hpp"

#include <algorithm>

namespace pvsplan::engine {

using program::GuardId;
using program::Node;
using program::NodeId;
using state::Decision;
using state::Phase;

// What has finished is over at once. All others that wait for nothing are considered from the last to the first, so the
// worklist takes them in the order of the plan.
Ready::Ready(const state::ExecutionGraph& execution, const state::ExecutionState& state)
    : execution_(&execution),
      state_(&state),
      waits_for_(execution.in_count),
      over_(execution.size(), 0),
      waits_for_guard_(execution.guards->size()) {
    auto containment = contain(execution, state);
    given_up_ = std::move(containment.given_up);
    stop_ = containment.stop;
    for (const auto& node : execution.graph->nodes) steps_ += node.type == program::Node::Type::join ? 0 : 1;
    std::vector<NodeId> pending;
    for (std::size_t i = 0; i < execution.size(); ++i)
        if (state.nodes[i].phase == Phase::finished) set_over(NodeId(i), pending);
    for (std::size_t i = execution.size(); i-- > 0;)
        if (waits_for_[i] == 0) pending.push_back(NodeId(i));
    consider_all(std::move(pending));
    // What was passed before this process came was told by another.
    passed_.clear();
}

bool Ready::is_given_up(NodeId node) const {
    const auto instance = execution_->node(node).instance;
    return instance && given_up_[instance.index()] != 0;
}

// Each edge is counted down exactly once, here: a node is over only once, which the callers check.
void Ready::set_over(NodeId node, std::vector<NodeId>& pending) {
    over_[node.index()] = 1;
    ++over_count_;
    steps_over_ += execution_->node(node).type == program::Node::Type::join ? 0 : 1;
    leave_sets(node);
    for (auto e = execution_->first_out[node.index()]; e < execution_->first_out[node.index() + 1]; ++e)
        if (const auto to = execution_->out[e]; --waits_for_[to.index()] == 0) pending.push_back(to);
}

void Ready::leave_sets(NodeId node) {
    start_.erase(node);
    approve_.erase(node);
}

// The outermost undecided guard is decided first: if it fails, those within it are never asked.
GuardId Ready::open_guard(const Node& node) const {
    GuardId open;
    for (auto at = node.guard; at; at = (*execution_->guards)[at.index()].parent)
        if (state_->guards[at.index()] == Decision::open) open = at;
    return open;
}

void Ready::consider(NodeId node) { consider_all({node}); }

// A worklist instead of recursion: a plan may be a chain of a million nodes.
void Ready::consider_all(std::vector<NodeId> pending) {
    while (!pending.empty()) {
        const auto id = pending.back();
        pending.pop_back();
        if (over_[id.index()] != 0) continue;
        leave_sets(id);
        const auto& node = execution_->node(id);
        const auto phase = state_->nodes[id.index()].phase;
        if (phase == Phase::finished) {
            set_over(id, pending);
            continue;
        }
        if (state::is_held(*state_, id)) continue;
        if (waits_for_[id.index()] != 0 || is_under_way(phase)) continue;
        if (is_given_up(id)) {
            if (phase == Phase::waiting) passed_.push_back(id);
            set_over(id, pending);
            continue;
        }
        if (phase == Phase::failed || phase == Phase::unreached) continue;
        if (node.type == Node::Type::join) {
            set_over(id, pending);
            continue;
        }
        const auto guard = node.guard ? state::decision_of(*execution_, *state_, node.guard) : Decision::holds;
        if (guard == Decision::fails) {
            passed_.push_back(id);
            set_over(id, pending);
        } else if (guard == Decision::open) {
            const auto open = open_guard(node);
            decide_.insert(open);
            waits_for_guard_[open.index()].push_back(id);
        } else {
            (node.type == Node::Type::approval ? approve_ : start_).insert(id);
        }
    }
}

// A failure is taken in before the node is looked at, since the node itself may be in the iteration that is given up by
// it.
void Ready::changed(NodeId node) {
    const auto phase = state_->nodes[node.index()].phase;
    if (phase == Phase::failed || phase == Phase::unreached || phase == Phase::in_doubt) contain_failures();
    consider(node);
}

// Waiting nodes are considered anew; under a further guard they wait for that one then.
void Ready::decided(GuardId guard) {
    decide_.erase(guard);
    consider_all(std::exchange(waits_for_guard_[guard.index()], {}));
}

// Takes over what was decided about a failure, for the iterations around it and for the run. Failures are rare, so this
// may visit all nodes.
void Ready::contain_failures() {
    auto containment = contain(*execution_, *state_);
    stop_ = std::max(stop_, containment.stop);
    std::vector<NodeId> pending;
    for (std::size_t i = 0; i < given_up_.size(); ++i)
        if (containment.given_up[i] != 0 && given_up_[i] == 0)
            pending.insert(pending.end(), execution_->of_instance[i].begin(), execution_->of_instance[i].end());
    given_up_ = std::move(containment.given_up);
    for (const auto id : pending)  // nodes that waited for a `when` wait no longer
        if (const auto guard = execution_->node(id).guard; guard) {
            const auto open = open_guard(execution_->node(id));
            if (!open) continue;
            auto& waiting = waits_for_guard_[open.index()];
            std::erase(waiting, id);
            if (waiting.empty()) decide_.erase(open);
        }
    std::sort(pending.begin(), pending.end(), std::greater<>());
    consider_all(std::move(pending));
}

Next Ready::snapshot() const {
    return {.stop = stop_,
            .decide = {decide().begin(), decide().end()},
            .start = {start().begin(), start().end()},
            .approve = {approve().begin(), approve().end()},
            .over = over_count_};
}

std::vector<NodeId> Ready::take_passed() { return std::exchange(passed_, {}); }

}  // namespace pvsplan::engine
