// Findings in the source, under the paths that lead to them from the current folder.
#pragma once

#include <string>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "runtime/view/stream.hpp"

namespace pvsplan::view {

// The same texts, of the project under `prefix`: what leads to it from the current folder, empty or with a `/` behind.
base::SourceMap shown_sources(const base::SourceMap& sources, const std::string& prefix);

// Prints what was found, in the source, as text; at the end how much it was, if it was anything.
void print_diagnostics(const Stream& stream, const base::SourceMap& sources, const diag::Sink& sink,
                       const std::string& prefix);

}  // namespace pvsplan::view
