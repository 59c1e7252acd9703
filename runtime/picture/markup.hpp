// Texts from a plan, as they may stand in HTML and in the JSON of a page: a stranger's names are never markup.
#pragma once

#include <string>
#include <string_view>

namespace pvsplan::picture {

std::string escaped(std::string_view text);
// Likewise, and what stands between backticks is code.
std::string escaped_with_code(std::string_view text);
// With its quotes.
std::string json_text(std::string_view text);

}  // namespace pvsplan::picture
