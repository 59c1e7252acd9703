// The only writer of the journal of a run (a write-ahead log). The records of one turn of the loop are one commit;
// observers are told after it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/engine/event.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/runs.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::engine {

// One for each process and run, with the lease under which it writes. What it refers to outlives it.
class JournalWriter {
  public:
    // Without `runs` nothing is ever committed: the records are tried on the state alone.
    JournalWriter(ports::Runs* runs, ports::Clock& clock, ports::Lease lease, std::string run_id, state::RunState& run)
        : runs_(runs), clock_(&clock), lease_(std::move(lease)), run_id_(std::move(run_id)), run_(&run) {}

    // Folds the record into the state at once; it is durable after the next commit(). A record that does not fit the
    // state is a bug.
    void write(journal::Record record);
    // With the next commit the row of the run says so; empty: it is under way.
    void set_outcome(std::string outcome) { outcome_ = std::move(outcome); }
    // Sent to the observer after the next commit.
    void tell(Event event) { events_.push_back(std::move(event)); }

    [[nodiscard]] bool has_records() const { return !rows_.empty(); }
    // After an error nothing may be started any more.
    base::Status commit();
    // Rows that were written and not committed yet: for the first commit of a run, which creates it.
    std::vector<ports::RecordRow> take_rows() { return std::exchange(rows_, {}); }
    std::vector<Event> take_events() { return std::exchange(events_, {}); }

    [[nodiscard]] const std::string& run_id() const { return run_id_; }
    [[nodiscard]] const ports::Lease& lease() const { return lease_; }

  private:
    ports::Runs* runs_;
    ports::Clock* clock_;
    ports::Lease lease_;
    std::string run_id_;
    state::RunState* run_;
    std::vector<ports::RecordRow> rows_;
    std::vector<Event> events_;
    std::optional<std::string> outcome_;
};

}  // namespace pvsplan::engine
