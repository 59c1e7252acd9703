// Proves the remaining part of a run again, after an operator decided what became of a step.
#pragma once

#include <vector>

#include "compiler/checks/again.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::cli {

// The run as the checks see it, from the states that are known of its objects now, those that are away left out. `run`
// is replayed from the journal; nothing is written. The engine, which knows no check, is handed this as a function.
checks::Again prove_left(const state::RunState& run, const engine::Unknowns& unknown);

// The same as `resume` asks it, for advice: nothing is said to anybody.
engine::ProveAgain proof_for_advice();

}  // namespace pvsplan::cli
