// What people say to a run from another terminal, and what becomes of it: each message ends in the journal, as used or
// as refused with the reason, and once.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/ready.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/ports/store.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::engine {

// An approval as it is posted. `said` is the name of the message: whoever posted it finds by it what became of it.
journal::Record approval_message(const program::Plan& plan, const std::string& node, const std::string& because,
                                 const std::string& by, const std::string& host, ports::Millis now);

// Why `by` may not approve; empty if they may.
std::string may_not_approve(const program::Plan& plan, const std::string& started_by, const std::string& by);

// What becomes of it now: `approved` where it is due, `received` where the run has not come there yet (it is used when
// it does), else `refused`.
journal::Record answer_to(const state::RunState& run, const Ready& ready, const journal::Record& message);

// The approval that was received before it was due.
journal::Record approval_received(const state::RunState& run, const std::string& node);

// Those of the run that were not taken in yet, as records: a message that cannot be read is answered as well.
std::vector<journal::Record> unreceived(const state::RunState& run, const std::vector<ports::Message>& messages);

// Those that were received and will not be used any more.
std::vector<journal::Record> refused_for_good(const state::RunState& run, const std::string& because);

}  // namespace pvsplan::engine
