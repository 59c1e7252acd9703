#include "compiler/base/utf8.hpp"

#include <array>

namespace pvsplan::base {

// Longer forms than needed, surrogates and what lies beyond U+10FFFF are not valid; each byte of what is not valid is a
// character of its own.
Utf8Character utf8_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) -> char32_t { return static_cast<unsigned char>(text[at + i]); };
    const char32_t first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    const Utf8Character none{first, 1, false};
    if (first < 0xC2 || first > 0xF4 || text.size() - at < size) return none;
    char32_t point = first & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) return none;
        point = point << 6U | (byte(i) & 0x3FU);
    }
    static constexpr std::array<char32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
    if (point < least[size] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return none;
    return {point, size};
}

std::size_t cut_before(std::string_view text, std::size_t at) {
    if (at >= text.size()) return text.size();
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
    return at;
}

// One to four bytes, six bits in each but the first.
void append_utf8(std::string& out, char32_t point) {
    const auto byte = [&](char32_t bits) { out += static_cast<char>(bits); };
    if (point < 0x80) return byte(point);
    if (point < 0x800) {
        byte(0xC0U | point >> 6U);
    } else if (point < 0x10000) {
        byte(0xE0U | point >> 12U);
        byte(0x80U | (point >> 6U & 0x3FU));
    } else {
        byte(0xF0U | point >> 18U);
        byte(0x80U | (point >> 12U & 0x3FU));
        byte(0x80U | (point >> 6U & 0x3FU));
    }
    byte(0x80U | (point & 0x3FU));
}

}  // namespace pvsplan::base
