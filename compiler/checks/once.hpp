// Once means once (README.md): an event whose number is limited must be observable after a crash, or harmless to
// repeat.
#pragma once

#include <vector>

#include "compiler/checks/decision.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

// Reports PV5101, once for each action and requirement.
void check_once(const graph::Facts& facts, const std::vector<Requirement>& requirements,
                const std::vector<program::RequirementPlaces>& places, diag::Sink& sink);

}  // namespace pvsplan::checks
