// How far a rollback goes back, when a person says so.
#pragma once

#include <string>

#include "runtime/state/run_state.hpp"

namespace pvsplan::engine {

// Why the rollback of the run cannot go back to before that step or group; empty: it can, or none is named.
// For `rollback --to` and its preview, which refuse the same. `run` is not changed.
[[nodiscard]] std::string fault_of_back_to(const state::RunState& run, const std::string& step);

}  // namespace pvsplan::engine
