// Texts from a plan, as they may stand in HTML and in the JSON of a page: a stranger's names are never markup.
#pragma once

#include <string>
#include <string_view>

namespace pvsplan::picture {

// For text, and for attributes between quotes. One line: line feeds become blanks.
std::string escaped(std::string_view text);
// Likewise, and what stands between backticks is code.
std::string escaped_with_code(std::string_view text);
// With its quotes. It may stand in a `script` element: no `<` is in it.
std::string json_text(std::string_view text);

}  // namespace pvsplan::picture
