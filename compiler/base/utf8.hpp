// UTF-8, read and written in one place (RFC 3629): overlong forms, surrogates and what lies beyond U+10FFFF are none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pvsplan::base {

struct Utf8Character {
    char32_t point = 0;
    std::size_t size = 1;  // bytes
    bool is_valid = true;
};

// The character that begins at the byte `at`, which has to be within `text`. A byte that begins none stands for itself:
// its value, one byte, not valid.
[[nodiscard]] Utf8Character utf8_at(std::string_view text, std::size_t at);

// The last place up to `at` at which a character begins, or the end of a shorter text: a cut there halves none.
[[nodiscard]] std::size_t cut_before(std::string_view text, std::size_t at);

// Writes a character; `point` may be a surrogate, which then is written as it stands.
void append_utf8(std::string& out, char32_t point);

}  // namespace pvsplan::base
