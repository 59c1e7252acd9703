// What each name of a text stands for, as colours of an editor.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/lsp/at.hpp"

namespace pvsplan::lsp {

// The types that tokens have, in the order of their numbers.
std::vector<std::string_view> token_types();

// "{"data": […]}": those of the file, each by its distance from the one before. Its offset counts for nothing. Tokens
// neither overlap nor reach over lines: most editors can show no others.
std::string tokens_json(const At& at);

}  // namespace pvsplan::lsp
