// Text as a terminal shows it: columns instead of bytes, and nothing in it that could steer the terminal, or the
// service on whose runner it is printed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pvsplan::diag {

// The printed form of one code point (or broken byte) of a line.
struct Cell {
    std::string text;           // a tab is spaces, what steers is U+FFFD
    std::uint32_t columns = 1;  // 0: combines with the one before; 2: wide
    std::uint32_t offset = 0;   // of its first byte in the line
};

inline constexpr std::uint32_t tab_columns = 4;

std::vector<Cell> cells(std::string_view line);

// Columns of a text that has no tab.
std::uint32_t columns(std::string_view text);

// The same text without anything that steers a terminal (control characters, a turned direction of writing) or a runner
// (`::error::`, `##vso[…]`); line feeds become spaces.
std::string harmless(std::string_view text);

// The same document, which may be printed: what stands within its strings and steers is written as `\u0023`, say. For a
// program that reads it nothing has changed.
std::string printed_json(std::string_view json);

// Words in lines of at most `width` columns; the first line has `first` columns less. A longer word is not broken.
// Line feeds in the text end a line.
std::vector<std::string> wrapped(std::string_view text, std::uint32_t width, std::uint32_t first = 0);

}  // namespace pvsplan::diag
