// What commands print, as text that can be read: consoles write UTF-8, UTF-16 and whatever code page they have.
#pragma once

#include <string>
#include <string_view>

namespace pvsplan::engine {

// Whether all of it is, without surrogates and overlong forms.
bool is_utf8(std::string_view text);

// UTF-8 of what is UTF-16 in either order, told by its mark or by where its zero bytes stand. All else stays as it is,
// without the mark of UTF-8: which code page bytes are of nobody can tell.
std::string as_utf8(std::string text);

// With bytes that are no UTF-8 written as `\x81`, so that it can be kept as text and nothing of it is lost.
std::string as_text(std::string text);

// Why a command failed, for people and within bounds: the first lines and the last ones, each cut to a length that can
// be read, and between them how many are left out. Of bytes that are no UTF-8 it is said that the code page is not
// known.
struct Reason {
    std::string text;
    bool is_whole = true;
};
Reason reason_of(std::string_view text);

}  // namespace pvsplan::engine
