// Changes that repair what was found; each is proved before it is offered.
#pragma once

#include <string>

#include "runtime/lsp/at.hpp"

namespace pvsplan::lsp {

// What is offered, as a list, for findings that touch the bytes [at.offset, end) of the file. `compilation` has its
// repairs. Nothing is changed here: the editor makes the edits that an action carries. Titles and texts hold no secret.
std::string code_actions_json(const At& at, std::uint32_t end);

}  // namespace pvsplan::lsp
