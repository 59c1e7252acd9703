// What a person can do about a run that does not go on by itself: commands to type, the best first.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/run.hpp"

namespace pvsplan::engine {

// About one step, or one iteration that is left out; empty for those of which all is said with the run.
std::vector<Offer> offers_about(const std::string& run, const Wanted& wanted);

// About the run as a whole.
std::vector<Offer> offers_about(const std::string& run, const std::vector<Wanted>& wanted, RollbackReach reach);

}  // namespace pvsplan::engine
