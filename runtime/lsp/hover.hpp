// What is told of what stands under the mouse.
#pragma once

#include <string>

#include "runtime/lsp/at.hpp"

namespace pvsplan::lsp {

// A Hover, or "null".
std::string hover_json(const At& at);

}  // namespace pvsplan::lsp
