// Findings in the source, as text.
#pragma once

#include "compiler/diag/diagnostic.hpp"
#include "compiler/diag/texts.hpp"
#include "runtime/view/stream.hpp"

namespace pvsplan::view {

// Prints what was found, in the source, as text; at the end how much it was, if it was anything.
void print_diagnostics(const Stream& stream, const diag::Texts& texts, const diag::Sink& sink);

}  // namespace pvsplan::view
