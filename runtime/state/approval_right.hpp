// Who may approve a step of a run. One rule, for whoever takes an approval and for whoever verifies the journal.
#pragma once

#include <string>

#include "runtime/state/run_state.hpp"

namespace pvsplan::state {

// Whether the plan and the step name whoever gives the approval among those who may; where they name nobody, they do.
bool is_named(const RunState& run, const program::Node& node, const Approval& approval);

// Why whoever gives the approval may not; empty: they may. Accounts are compared, not people: by their numbers where
// both are of one machine, and always by their names, whatever their domains: `anna` is not let approve as
// `anna@contoso.example` what she started. Whoever resumes a run that has halted does not become its
// starter, or two people on duty would soon be two starters; whoever takes it from a living process does.
std::string why_may_not_approve(const RunState& run, const program::Node& node, const Approval& approval);

}  // namespace pvsplan::state
