// What commands print, as text that can be read: consoles write UTF-8, UTF-16 and whatever code page they have.
#pragma once

#include <string>
#include <string_view>

namespace pvsplan::engine {

bool is_utf8(std::string_view text);

// UTF-8 of what is UTF-16 in either order, told by its mark or by where its zero bytes stand. All else stays as it is,
// without the mark of UTF-8: which code page bytes are of nobody can tell.
std::string as_utf8(std::string text);

// For people, within bounds: the first lines and the last ones, each cut to a length that can be read, and between them
// how many are left out. Bytes that are no UTF-8 are shown as U+FFFD, and it is said that the code page is not known.
std::string reason_of(std::string_view text);

}  // namespace pvsplan::engine
