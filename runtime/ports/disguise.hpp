// What secrets look like once programs have printed them: escaped, quoted, encoded, wrapped over lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pvsplan::ports {

// A text, and where each of its bytes comes from in another one.
struct Derived {
    std::string text;
    std::vector<std::uint32_t> from;  // where the source of each byte begins, and one more: the end
    void add(char byte, std::uint32_t begin) {
        text += byte;
        from.push_back(begin);
    }
};
Derived as_it_is(std::string_view text);

// With escapes replaced by what they stand for, whoever wrote them: \" \\ \n \u0026 \x26 \046 (JSON, C, shells), %26
// (URLs), &amp; &#38; &#x26; (XML), _x0026_ (CLIXML). What is no escape stays.
Derived unescaped(const Derived& text);
std::string unescaped(std::string_view text);

// Without blanks, line breaks, quotes, backslashes and backticks: quotes that are doubled, words that a shell quoted
// and lines that were wrapped come out the same.
Derived squeezed(const Derived& text);
std::string squeezed(std::string_view text);

// The digits of a hexadecimal dump in small letters, whatever stands between them (blanks, `-`, `:`, `,`, `0x`, `\x`,
// line breaks); anything else is a line feed.
Derived hex_digits(std::string_view text);

// `text` in hexadecimal, small letters.
std::string in_hex(std::string_view text);

// UTF-16 of UTF-8; bytes that are none are taken for one character each.
enum class Order : std::uint8_t { little_endian, big_endian };
std::string in_utf16(std::string_view text, Order order);

// `text` as consoles of western Windows print it (Windows-1252, and the code pages 850 and 437 where they agree); empty
// where it has no character beyond ASCII, or one that they lack.
enum class CodePage : std::uint8_t { windows, console };
std::string in_code_page(std::string_view text, CodePage page);

// The digits of base64 that depend on `text` alone when `before` bytes stand before it in its group of three.
std::string base64_inside(std::string_view text, std::size_t before);

}  // namespace pvsplan::ports
