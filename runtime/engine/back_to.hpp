// How far a rollback goes back, when a person says so.
#pragma once

#include <string>

#include "runtime/ports/runs.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::engine {

// The run was rolled back to before a step, and that is another one (empty: to the beginning). What it did then was the
// beginning of such a rollback, which goes on from there.
[[nodiscard]] bool goes_further_back(const ports::RunRow& row, const state::RunState& run, const std::string& step);

// Why the rollback of the run cannot go back to before that step or group; empty: it can, or none is named.
// For `rollback --to` and its preview, which refuse the same. `run` is not changed.
[[nodiscard]] std::string fault_of_back_to(const ports::RunRow& row, const state::RunState& run,
                                           const std::string& step);

}  // namespace pvsplan::engine
