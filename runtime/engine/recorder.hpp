// The state of a run while this process goes on with it. Records change it and events tell people of it; both go
// through here, so that what follows from a record is recorded with it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/engine/journal_writer.hpp"
#include "runtime/engine/ready.hpp"
#include "runtime/engine/redact.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/engine/writers.hpp"

namespace pvsplan::engine {

// Over twenty methods: one for each type of record, and what the parts of the engine read of a run.
class Recorder {
  public:
    // `environment`, `plan` and `run` outlive it. The secrets of the plan are known to its redactor from the beginning.
    Recorder(const Environment& environment, const program::Plan& plan, ports::Lease lease, std::string run_id,
             state::RunState& run);

    [[nodiscard]] const Environment& environment() const { return *environment_; }
    [[nodiscard]] const program::Plan& plan() const { return *plan_; }
    [[nodiscard]] const state::RunState& run() const { return *run_; }
    [[nodiscard]] const Ready& ready() const { return *ready_; }
    [[nodiscard]] const std::string& run_id() const { return journal_.run_id(); }
    [[nodiscard]] JournalWriter& journal() { return journal_; }
    [[nodiscard]] RunRedactor& redactor() { return redactor_; }
    [[nodiscard]] const RunRedactor& redactor() const { return redactor_; }
    [[nodiscard]] const program::Node& node(program::NodeId id) const { return run_->now().node(id); }
    [[nodiscard]] const state::NodeState& state(program::NodeId id) const {
        return run_->now_state().nodes[id.index()];
    }
    // It is decided that the run is rolled back, and the rollback has not begun.
    [[nodiscard]] bool is_to_be_rolled_back() const {
        return run_->forward.rollback_because && !run_->is_rolling_back();
    }

    // A record about a node, with what follows from it. Its text is redacted.
    void write(journal::Record record, program::NodeId node);
    void decide(program::GuardId guard, bool holds);
    // Nodes that became over without a record, since the last call.
    std::vector<program::NodeId> take_passed() { return ready_->take_passed(); }
    // After records that changed what goes on otherwise than step by step, such as a decision of an operator.
    void look_anew();
    // After the record by which the rollback began: from now on its program is the one that goes on.
    void follow_rollback();

    // Told to the observer after the next commit. Counts are those at the time of the event.
    void tell(Event event);
    [[nodiscard]] Event event_for(Event::Type type, program::NodeId node) const;
    void set_running(std::size_t steps) { running_ = steps; }

    // Whether another step that began later writes what this one sets: then that state tells nothing of this one.
    [[nodiscard]] bool is_set_since(program::NodeId node) const;
    // Takes out of `seen`, which was asked for after record `since`, what a step that was under way meanwhile may have
    // changed after it was read: any but `node` and those of `said_too`.
    void forget_what_may_change(program::NodeId node, std::uint64_t since, const std::vector<program::NodeId>& said_too,
                                state::ObjectStates& seen);

  private:
    void decide_what_follows(program::NodeId failed);

    const Environment* environment_;
    const program::Plan* plan_;
    state::RunState* run_;
    JournalWriter journal_;
    RunRedactor redactor_;
    std::unique_ptr<Ready> ready_;
    std::unique_ptr<Writers> writers_;  // of the program that goes on now; made when it is asked for
    std::size_t running_ = 0;
};

}  // namespace pvsplan::engine
