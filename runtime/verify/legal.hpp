// Whether a run of the plan may do what a record says, given all records before it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "runtime/journal/record.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::verify {

// Over twenty methods: one for each type of record that may be wrong, and what these share.
class Legal {
  public:
    // `run` is what the records so far have made of it; it outlives this.
    explicit Legal(const state::RunState& run) : run_(&run) { begin_program(); }

    // Before the record is applied: why it may not come here; empty: it may.
    [[nodiscard]] std::string fault(const journal::Record& record);
    // After the record was applied.
    void applied(const journal::Record& record);

  private:
    // At the start and at each rollback: the nodes are others, so what was kept by node is built anew.
    void begin_program();
    [[nodiscard]] const state::ExecutionGraph& execution() const { return run_->now(); }
    [[nodiscard]] const state::NodeState& at(program::NodeId id) const { return run_->now_state().nodes[id.index()]; }
    [[nodiscard]] const program::Node& node(program::NodeId id) const { return execution().node(id); }
    [[nodiscard]] bool is_abandoned(program::NodeId id) const;
    [[nodiscard]] bool is_skipped(program::NodeId id) const;
    [[nodiscard]] bool is_held(program::NodeId id) const { return state::is_held(run_->now_state(), id); }

    // One for each type of record. Empty: it may come here.
    [[nodiscard]] std::string fault_of_start(const journal::Record& record);
    [[nodiscard]] std::string fault_of_reconciliation(const journal::Record& record);
    [[nodiscard]] std::string fault_of_approval(const journal::Record& record);
    [[nodiscard]] std::string fault_of_decision(const journal::Record& record);
    [[nodiscard]] std::string fault_of_undecided(program::NodeId id);
    [[nodiscard]] std::string fault_of_abandonment(const journal::Record& record) const;
    [[nodiscard]] std::string fault_of_readmission(const journal::Record& record);
    [[nodiscard]] std::string fault_of_rollback();
    [[nodiscard]] std::string fault_of_halt(const journal::Record& record);
    [[nodiscard]] std::string fault_of_window(program::NodeId id, const journal::Record& record) const;
    [[nodiscard]] std::string fault_of_waiting(const journal::Record& record) const;
    // Why nothing may begin now: a failure that nothing contains, a step in doubt, or the decision to roll back.
    [[nodiscard]] std::string what_stops();
    // Whether a step within the condition could begin now, if it holds.
    [[nodiscard]] bool has_come(program::GuardId id);
    [[nodiscard]] program::Value value_of(program::GuardId id) const;
    // Whether a real host would do it.
    [[nodiscard]] bool is_for_real(const program::Node& one) const;
    // Whether a condition that nobody can decide lets people decide, instead of failing a step.
    [[nodiscard]] bool holds_undecided(program::GuardId id) const;
    // A predecessor of the node that is not over; none if all are.
    [[nodiscard]] program::NodeId waits_for(program::NodeId id);
    [[nodiscard]] program::NodeId not_over_at_or_before(program::NodeId id);
    // Whether nothing waits for a node any more.
    enum class Over : std::uint8_t { no, yes, if_those_before_are };
    [[nodiscard]] Over over(program::NodeId id) const;

    const state::RunState* run_;
    std::set<program::NodeId> not_well_;  // failed, not reached or in doubt
    std::vector<std::vector<program::NodeId>> within_guard_;
    std::vector<char> is_known_over_;  // by node; reset when a record follows about an abandoned one
};

}  // namespace pvsplan::verify
