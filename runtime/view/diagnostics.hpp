// What the compiler has found, for people and for services.
#pragma once

#include <vector>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/diag/texts.hpp"
#include "compiler/pipeline.hpp"
#include "runtime/view/stream.hpp"

namespace pvsplan::view {

// Prints what was found, in the source, as text; at the end how much it was, if it was anything. Texts of a plan that
// could steer a terminal are made visible; values of secrets are left out.
void print_diagnostics(const Stream& stream, const diag::Texts& texts, const diag::Sink& sink);

// The schedule that shows the violation that the finding tells of; null if it tells of none. It belongs to the
// compilation.
const checks::Witness* witness_of(const compiler::Compilation& compilation, const diag::Diagnostic& finding);

// The findings in the order in which people read them, each with the schedule that shows it, in at most 50 moments.
std::vector<diag::Diagnostic> with_schedules(const compiler::Compilation& compilation);

}  // namespace pvsplan::view
