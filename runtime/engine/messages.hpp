// Messages of people to a run from another terminal, and the answers to them. Each message is answered in the journal
// exactly once: as used, or as refused with the reason.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/ready.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/ports/inbox.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::engine {

// An approval as it is posted. `said` names the message; its sender finds the answer by that name.
journal::Record approval_message(const program::Plan& plan, const std::string& node, const std::string& because,
                                 const std::string& by, const std::string& host, ports::Millis now);

// The same of whoever runs this process, with what they are called among those who may.
journal::Record approval_from(const Environment& environment, const program::Plan& plan, const program::Node& node,
                              const std::string& because);

// Why whoever gives the approval may not; empty if they may.
std::string may_not_approve(const state::RunState& run, const program::Node& node, const journal::Record& approval);

// What people are asked: the text of the approval, and who may give it.
std::string question_of(const program::Plan& plan, const program::Node& node);

// To be added to a refusal of whoever is not named: "; this machine knows no user and no group `a`" of those who are.
std::string whom_nobody_knows(ports::Accounts* accounts, const state::RunState& run, const program::Node& node,
                              const journal::Record& refused);

// The answer: `approved` if the approval is due, `received` if the run has not come there yet (it is used when it
// does), else `refused`.
journal::Record answer_to(const state::RunState& run, const Ready& ready, const journal::Record& message);

// The approval that was received before it was due.
journal::Record approval_received(const state::RunState& run, const std::string& node);

// Messages that the journal has not answered yet, as records. One that cannot be read is refused.
// In the order in which they were posted.
std::vector<journal::Record> unreceived(const state::RunState& run, const std::vector<ports::Message>& messages);

// Refusals of messages that were received and will not be used any more.
std::vector<journal::Record> refused_for_good(const state::RunState& run, const std::string& because);

}  // namespace pvsplan::engine
