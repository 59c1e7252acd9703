// One cause, one finding.
#pragma once

#include "compiler/diag/diagnostic.hpp"

namespace pvsplan::diag {

// A remedy that stands for the final place of a finding: all findings with this remedy at one place have one cause.
inline constexpr std::string_view at_its_place = "@";

// Merges the findings that share a remedy; the first stays, errors before others. A further error becomes a related
// place of the first. A further warning is counted if the first is a warning; if the first is an error, the warning is
// a consequence and is dropped.
void join_causes(Sink& sink);

}  // namespace pvsplan::diag
