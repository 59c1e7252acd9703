// One cause, one finding.
#pragma once

#include "compiler/diag/diagnostic.hpp"

namespace pvsplan::diag {

// A remedy that stands for the place that a finding ends up at: all that have it and are at one place are of one cause.
inline constexpr std::string_view at_its_place = "@";

// Of findings that have a remedy in common the first stays, errors before others. An error that goes with another one
// becomes a related place of it; a warning of which the same can be said is counted; one that goes with an error is a
// consequence, and is left out.
void join_causes(Sink& sink);

}  // namespace pvsplan::diag
