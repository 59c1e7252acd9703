#include <catch2/catch.hpp>

#include "compiler/base/utf8.hpp"

using pvsplan::base::append_utf8;
using pvsplan::base::cut_before;
using pvsplan::base::utf8_at;

TEST_CASE("utf8: every character is read as it was written") {
    for (char32_t point = 0; point <= 0x10FFFF; ++point) {
        if (point >= 0xD800 && point < 0xE000) continue;
        std::string text;
        append_utf8(text, point);
        const auto read = utf8_at(text, 0);
        if (!read.is_valid || read.point != point || read.size != text.size())
            FAIL("U+" << std::hex << std::uint32_t{point});
    }
    SUCCEED();
}

TEST_CASE("utf8: a byte that begins no character stands for itself") {
    const std::string text =
        GENERATE(as<std::string>(), "\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x80\x80",
                 "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x9F\x98",
                 "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF");
    const auto read = utf8_at(text, 0);
    CHECK_FALSE(read.is_valid);
    CHECK(read.size == 1);
    CHECK(read.point == static_cast<unsigned char>(text[0]));
}

TEST_CASE("utf8: a character is read from where it begins") {
    const std::string text = "a\xC3\xA9z";
    CHECK(utf8_at(text, 1).point == 0xE9);
    CHECK(utf8_at(text, 1).size == 2);
    CHECK_FALSE(utf8_at(text, 2).is_valid);
    CHECK(utf8_at(text, 3).point == 'z');
}

TEST_CASE("utf8: a cut halves no character") {
    const std::string text = "a\xC3\xA9\xE2\x82\xACz";
    const std::size_t cuts[] = {0, 1, 1, 3, 3, 3, 6, 7, 7};
    for (std::size_t at = 0; at < std::size(cuts); ++at) CHECK(cut_before(text, at) == cuts[at]);
}
