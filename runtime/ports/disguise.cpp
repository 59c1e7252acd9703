#include "runtime/ports/disguise.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "compiler/base/utf8.hpp"

namespace pvsplan::ports {

namespace {

std::optional<std::uint32_t> hex_value(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<std::uint32_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<std::uint32_t>(c - 'A' + 10);
    return std::nullopt;
}

// What an escape stands for, and how long it is.
struct Escape {
    std::uint32_t point = 0;
    std::size_t size = 0;
    bool is_byte = false;  // of UTF-8, not a character
};

// Digits of base 10 or 16 from `at` on; nothing if there is none or it is no character.
std::optional<Escape> number_at(std::string_view text, std::size_t at, std::uint32_t base, std::size_t max_digits) {
    Escape escape;
    while (escape.size < max_digits && at + escape.size < text.size()) {
        const auto digit = hex_value(text[at + escape.size]);
        if (!digit || *digit >= base) break;
        escape.point = escape.point * base + *digit;
        ++escape.size;
    }
    if (escape.size == 0 || escape.point > 0x10FFFF) return std::nullopt;
    return escape;
}

// Hex digits, exactly as many.
std::optional<Escape> exactly_hex(std::string_view text, std::size_t at, std::size_t digits) {
    auto escape = number_at(text, at, 16, digits);
    return escape && escape->size == digits ? escape : std::nullopt;
}

// \u0026, two of them for what is beyond 16 bits.
std::optional<Escape> unicode_escape(std::string_view text, std::size_t at) {
    auto first = exactly_hex(text, at + 2, 4);
    if (!first) return std::nullopt;
    first->size = 6;
    if (first->point < 0xD800 || first->point >= 0xDC00 || text.substr(at + 6, 2) != "\\u") return first;
    const auto second = exactly_hex(text, at + 8, 4);
    if (!second || second->point < 0xDC00 || second->point >= 0xE000) return first;
    return Escape{.point = 0x10000 + ((first->point - 0xD800) << 10U) + (second->point - 0xDC00), .size = 12};
}

// Escapes of JSON, of C and of shells at once: which program wrote the text is not known, and none of them means two
// things.
std::optional<Escape> backslash_escape(std::string_view text, std::size_t at) {
    if (at + 1 >= text.size()) return std::nullopt;
    const char c = text[at + 1];
    static constexpr std::string_view messages = "ntrbf";
    static constexpr std::string_view meant = "\n\t\r\b\f";
    if (const auto message = messages.find(c); message != std::string_view::npos)
        return Escape{.point = static_cast<unsigned char>(meant[message]), .size = 2};
    if (c == 'u') return unicode_escape(text, at);
    if (c == 'x') {
        auto byte = exactly_hex(text, at + 2, 2);
        if (byte) return Escape{.point = byte->point, .size = 4, .is_byte = true};
        return std::nullopt;
    }
    if (const auto byte = number_at(text, at + 1, 8, 3); byte && byte->size == 3 && byte->point < 256)
        return Escape{.point = byte->point, .size = 4, .is_byte = true};
    static constexpr std::string_view themselves = "\"\\/'`$";
    if (themselves.find(c) == std::string_view::npos) return std::nullopt;
    return Escape{.point = static_cast<unsigned char>(c), .size = 2};
}

// The five names that XML has, and numbers.
std::optional<Escape> entity(std::string_view text, std::size_t at) {
    static constexpr std::array<std::pair<std::string_view, char>, 5> names = {
        {{"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"apos;", '\''}}};
    for (const auto& [name, meant] : names)
        if (text.substr(at + 1, name.size()) == name)
            return Escape{.point = static_cast<unsigned char>(meant), .size = name.size() + 1};
    if (text.substr(at + 1, 1) != "#") return std::nullopt;
    const bool is_hex = at + 2 < text.size() && (text[at + 2] == 'x' || text[at + 2] == 'X');
    const std::size_t begin = at + (is_hex ? 3 : 2);
    const auto number = number_at(text, begin, is_hex ? 16 : 10, 8);
    if (!number || text.substr(begin + number->size, 1) != ";") return std::nullopt;
    return Escape{.point = number->point, .size = begin - at + number->size + 1};
}

// One look at a byte decides: most bytes begin no escape.
std::optional<Escape> escape_at(std::string_view text, std::size_t at) {
    switch (text[at]) {
        case '\\': return backslash_escape(text, at);
        case '&': return entity(text, at);
        case '%': {
            const auto byte = exactly_hex(text, at + 1, 2);
            if (!byte) return std::nullopt;
            return Escape{.point = byte->point, .size = 3, .is_byte = true};
        }
        case '_': {
            const auto unit = text.substr(at + 1, 1) == "x" ? exactly_hex(text, at + 2, 4) : std::nullopt;
            if (!unit || text.substr(at + 6, 1) != "_") return std::nullopt;
            return Escape{.point = unit->point, .size = 7};
        }
        default: return std::nullopt;
    }
}

// Bytes that a program adds where it wraps or quotes a text.
bool is_squeezed_out(char c) {
    static constexpr std::string_view out = " \t\r\n'\"\\`";
    return out.find(c) != std::string_view::npos;
}

}  // namespace

// Each byte comes from its own place.
Derived as_it_is(std::string_view text) {
    Derived result{.text = std::string(text), .from = std::vector<std::uint32_t>(text.size() + 1)};
    for (std::size_t i = 0; i <= text.size(); ++i) result.from[i] = static_cast<std::uint32_t>(i);
    return result;
}

// Every byte of what an escape stands for comes from the beginning of that escape, so what is found in it takes the
// whole escape out.
Derived unescaped(const Derived& text) {
    Derived result;
    result.text.reserve(text.text.size());
    result.from.reserve(text.from.size());
    for (std::size_t at = 0; at < text.text.size();) {
        const auto escape = escape_at(text.text, at);
        if (!escape) {
            result.add(text.text[at], text.from[at]);
            ++at;
            continue;
        }
        std::string meant;
        if (escape->is_byte)
            meant = static_cast<char>(escape->point);
        else
            base::append_utf8(meant, escape->point);
        for (const char c : meant) result.add(c, text.from[at]);
        at += escape->size;
    }
    result.from.push_back(text.from.back());
    return result;
}

std::string unescaped(std::string_view text) { return unescaped(as_it_is(text)).text; }

// Places stay those of the text before: what is found is taken out there.
Derived squeezed(const Derived& text) {
    Derived result;
    result.text.reserve(text.text.size());
    result.from.reserve(text.from.size());
    for (std::size_t at = 0; at < text.text.size(); ++at)
        if (!is_squeezed_out(text.text[at])) result.add(text.text[at], text.from[at]);
    result.from.push_back(text.from.back());
    return result;
}

std::string squeezed(std::string_view text) {
    std::string result;
    for (const char c : text)
        if (!is_squeezed_out(c)) result += c;
    return result;
}

// A line feed between what are no digits, so that digits of two words that only stand side by side are not read as one.
Derived hex_digits(std::string_view text) {
    static constexpr std::string_view small = "0123456789abcdef";
    static constexpr std::string_view between = " \t\r\n-:,";
    Derived result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool is_prefix = (c == '0' || c == '\\') && at + 2 < text.size() && text[at + 1] == 'x' &&
                               hex_value(text[at + 2]).has_value();
        if (is_prefix) {
            ++at;
        } else if (const auto digit = hex_value(c)) {
            result.add(small[*digit], static_cast<std::uint32_t>(at));
        } else if (between.find(c) == std::string_view::npos && !result.text.empty() && result.text.back() != '\n') {
            result.add('\n', static_cast<std::uint32_t>(at));
        }
    }
    result.from.push_back(static_cast<std::uint32_t>(text.size()));
    return result;
}

// In small letters, as hex_digits() has them.
std::string in_hex(std::string_view text) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        result += digits[byte >> 4U];
        result += digits[byte & 15U];
    }
    return result;
}

// Without a byte order mark.
std::string in_utf16(std::string_view text, Order order) {
    std::string result;
    const auto unit = [&](std::uint32_t value) {
        const char low = static_cast<char>(value & 0xFFU);
        const char high = static_cast<char>(value >> 8U);
        result += order == Order::little_endian ? low : high;
        result += order == Order::little_endian ? high : low;
    };
    for (std::size_t at = 0; at < text.size();) {
        const auto [point, size, is_valid] = base::utf8_at(text, at);
        at += size;
        if (point < 0x10000) {
            unit(point);
        } else {
            unit(0xD800 + ((point - 0x10000) >> 10U));
            unit(0xDC00 + ((point - 0x10000) & 0x3FFU));
        }
    }
    return result;
}

// Empty where the page lacks a character, and where all are ASCII, which looks the same in each.
std::string in_code_page(std::string_view text, CodePage page) {
    // The bytes of U+00A0 to U+00FF in the code page 850.
    static constexpr std::array<unsigned char, 96> console = {
        0xFF, 0xAD, 0xBD, 0x9C, 0xCF, 0xBE, 0xDD, 0xF5, 0xF9, 0xB8, 0xA6, 0xAE, 0xAA, 0xF0, 0xA9, 0xEE,
        0xF8, 0xF1, 0xFD, 0xFC, 0xEF, 0xE6, 0xF4, 0xFA, 0xF7, 0xFB, 0xA7, 0xAF, 0xAC, 0xAB, 0xF3, 0xA8,
        0xB7, 0xB5, 0xB6, 0xC7, 0x8E, 0x8F, 0x92, 0x80, 0xD4, 0x90, 0xD2, 0xD3, 0xDE, 0xD6, 0xD7, 0xD8,
        0xD1, 0xA5, 0xE3, 0xE0, 0xE2, 0xE5, 0x99, 0x9E, 0x9D, 0xEB, 0xE9, 0xEA, 0x9A, 0xED, 0xE8, 0xE1,
        0x85, 0xA0, 0x83, 0xC6, 0x84, 0x86, 0x91, 0x87, 0x8A, 0x82, 0x88, 0x89, 0x8D, 0xA1, 0x8C, 0x8B,
        0xD0, 0xA4, 0x95, 0xA2, 0x93, 0xE4, 0x94, 0xF6, 0x9B, 0x97, 0xA3, 0x96, 0x81, 0xEC, 0xE7, 0x98};
    std::string result;
    bool is_ascii = true;
    for (std::size_t at = 0; at < text.size();) {
        const auto [point, size, is_valid] = base::utf8_at(text, at);
        at += size;
        is_ascii &= point < 0x80;
        if (point == 0x20AC)  // the euro sign; 858 is 850 with it
            result += static_cast<char>(page == CodePage::windows ? 0x80 : 0xD5);
        else if (point < 0x80 || (point >= 0xA0 && point <= 0xFF && page == CodePage::windows))
            result += static_cast<char>(point);
        else if (point >= 0xA0 && point <= 0xFF)
            result += static_cast<char>(console[point - 0xA0]);
        else
            return "";
    }
    return is_ascii ? "" : result;
}

// Digits that would also hold bits of what stands before or behind are left out: they are not the same in every text.
std::string base64_inside(std::string_view text, std::size_t before) {
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto bit = [&](std::size_t at) {
        const auto byte = static_cast<unsigned char>(text[at / 8]);
        return byte >> (7U - at % 8U) & 1U;
    };
    std::string result;
    // A digit holds bits [6k, 6k+6) of the stream, in which the text begins at bit 8*before.
    const std::size_t skip = before * 8;
    for (std::size_t from = (skip + 5) / 6 * 6; from + 6 <= skip + text.size() * 8; from += 6) {
        unsigned digit = 0;
        for (std::size_t k = 0; k < 6; ++k) digit = digit << 1U | bit(from + k - skip);
        result += digits[digit];
    }
    return result;
}

}  // namespace pvsplan::ports
