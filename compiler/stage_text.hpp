// What each stage made, as text: for who works on the compiler, and for tests. The same compilation gives the same
// bytes everywhere: paths are seen from the project, and nothing is printed in an order that memory decides. Values of
// secrets that were written into a file are struck out.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "compiler/compilation.hpp"

namespace pvsplan::compiler {

// The stages in their order: `pieces`, `tree`, `documents`, `model`, `uses`, `expansion`, `order`, `facts`, `program`.
std::span<const std::string_view> stage_names();

// As far as the compilation got. A stage that it did not reach is one line that says why. `uses` wants a compilation
// that was asked for them.
std::string stage_text(const Compilation& compilation, std::string_view stage);

}  // namespace pvsplan::compiler
