// A text that somebody else wrote, within Markdown.
#pragma once

#include <string>
#include <string_view>

namespace pvsplan::view {

// Nothing in it is markup but code between backticks: no tag, no emphasis, no link, no list, no other column of a
// table. It is one line. A forge's mentions are not Markdown: whoever posts to one takes care of them. Bytes that steer
// a terminal, and line feeds, become visible or blanks. An empty text stays empty.
std::string as_markdown(std::string_view text);

}  // namespace pvsplan::view
