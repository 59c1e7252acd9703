// What is told of what stands under the mouse.
#pragma once

#include <string>

#include "runtime/lsp/at.hpp"

namespace pvsplan::lsp {

// A Hover, or "null". Markdown, with the range of what it tells of where that is a name. Secrets are left out.
std::string hover_json(const At& at);

}  // namespace pvsplan::lsp
