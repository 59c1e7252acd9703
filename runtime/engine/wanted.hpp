// What a run wants of people before it can go on, and what stays as it is.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/ready.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/state/rollback_program.hpp"

namespace pvsplan::engine {

// In this order: approvals, what is left out, steps in the order of the plan, what cannot be undone.
// `id`: of the run.
std::vector<Wanted> wanted_of(const std::string& id, const state::RunState& run, const Ready& ready);

// How far a rollback would come now, or that it is under way. Nothing is recorded.
RollbackReach reach_of(const state::RunState& run);

// "the schema stays new; what came before it stays as well: one, two"
std::string what_stays(const program::NoReturn& point);

}  // namespace pvsplan::engine
