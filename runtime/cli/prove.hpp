// Proves the remaining part of a run again, after an operator decided what became of a step.
#pragma once

#include <vector>

#include "compiler/checks/again.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::cli {

// The run as the checks see it, from the states that are known of its objects now. `may_have_happened`: steps that run
// again although they may have done what they do already. `run` is replayed from the journal; nothing is written. The
// engine, which knows no check, is handed this as a function.
checks::Again prove_left(const state::RunState& run, const std::vector<program::NodeId>& may_have_happened);

// The same as `resume` asks it, for advice: nothing is said to anybody.
engine::ProveAgain proof_for_advice();

}  // namespace pvsplan::cli
