// next(), updated step by step: constant work for each edge over the whole run, so the cost is linear in the edges.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "runtime/engine/next.hpp"

namespace pvsplan::engine {

// Invariant: after every changed() and decided() the sets are those of next(execution, state).
class Ready {
  public:
    Ready(const state::ExecutionGraph& execution, const state::ExecutionState& state);

    // A record has just moved this node; if it failed for good, what follows from that is decided (consequence_of).
    void changed(program::NodeId node);
    // A record has just decided this guard.
    void decided(program::GuardId guard);

    [[nodiscard]] HaltReason stop() const { return stop_; }
    [[nodiscard]] const std::set<program::NodeId>& start() const { return stop_ == HaltReason::no ? start_ : none_; }
    [[nodiscard]] const std::set<program::NodeId>& approve() const {
        return stop_ == HaltReason::no ? approve_ : none_;
    }
    [[nodiscard]] const std::set<program::GuardId>& decide() const {
        return stop_ == HaltReason::no ? decide_ : no_guards_;
    }
    // Steps and approvals, as people count them: without the joins.
    [[nodiscard]] std::size_t steps() const { return steps_; }
    [[nodiscard]] std::size_t steps_over() const { return steps_over_; }
    [[nodiscard]] bool is_over(program::NodeId node) const { return over_[node.index()] != 0; }
    [[nodiscard]] bool is_given_up(program::NodeId node) const;
    [[nodiscard]] bool is_complete() const { return over_count_ == execution_->size(); }
    [[nodiscard]] Next snapshot() const;
    // Nodes that became over without a record (skipped, given up), since the last call.
    std::vector<program::NodeId> take_passed();

  private:
    void consider(program::NodeId node);
    void consider_all(std::vector<program::NodeId> pending);
    void set_over(program::NodeId node, std::vector<program::NodeId>& pending);
    void leave_sets(program::NodeId node);
    void contain_failures();
    program::GuardId open_guard(const program::Node& node) const;

    const state::ExecutionGraph* execution_;
    const state::ExecutionState* state_;
    std::vector<std::uint32_t> waits_for_;  // incoming edges from nodes that are not over
    std::vector<char> over_;
    std::size_t over_count_ = 0;
    std::size_t steps_ = 0;
    std::size_t steps_over_ = 0;
    std::vector<char> given_up_;
    std::vector<std::vector<program::NodeId>> waits_for_guard_;
    std::set<program::NodeId> start_;
    std::set<program::NodeId> approve_;
    std::set<program::GuardId> decide_;
    HaltReason stop_ = HaltReason::no;
    std::vector<program::NodeId> passed_;
    std::set<program::NodeId> none_;
    std::set<program::GuardId> no_guards_;
};

}  // namespace pvsplan::engine
