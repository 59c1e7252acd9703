#include "runtime/engine/console_text.hpp"

#include <catch2/catch.hpp>

#include "runtime/ports/disguise.hpp"

namespace pvsplan::engine {

TEST_CASE("UTF-16 is told by its mark or by its zeros; all else stays") {
    using ports::in_utf16;
    using ports::Order;
    const std::string text = "Zugriff verweigert: \xc3\xbc\xf0\x9f\x98\x80\r\n";
    for (const Order order : {Order::little_endian, Order::big_endian}) {
        const std::string decision = order == Order::little_endian ? "\xFF\xFE" : "\xFE\xFF";
        CHECK(as_utf8(in_utf16(text, order)) == text);
        CHECK(as_utf8(decision + in_utf16(text, order)) == text);
        CHECK(as_utf8(decision + in_utf16("a", order) + "x") == "a\xEF\xBF\xBD");
    }
    CHECK(as_utf8("\xEF\xBB\xBFtext") == "text");
    CHECK(as_utf8(text) == text);
    CHECK(as_utf8("Gr\x81n") == "Gr\x81n");
    CHECK(as_utf8(std::string("a\0", 2)) == std::string("a\0", 2));
    CHECK(is_utf8(text));
    for (const char* wrong : {"\x81", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC3"})
        CHECK_FALSE(is_utf8(wrong));
}

TEST_CASE("a reason is the first lines and the last ones, within bounds") {
    CHECK(reason_of("").text.empty());
    CHECK(reason_of("\r\n \r\none\r\n\r\n  two  \r\n").text == "one\n  two");
    std::string many;
    for (int i = 1; i <= 100; ++i) many += "line " + std::to_string(i) + "\n";
    CHECK(reason_of(many).text ==
          "line 1\nline 2\nline 3\nline 4\nline 5\nline 6\n… (91 lines) …\nline 98\nline 99\nline 100");
    CHECK_FALSE(reason_of(many).is_whole);
    CHECK(reason_of("one").is_whole);
    CHECK_FALSE(reason_of(std::string(500, 'x')).is_whole);
    const std::string one = reason_of(std::string(1'000'000, 'x') + std::string(2'000'000, '\xc3')).text;
    CHECK(one.size() < 1000);
    CHECK_THAT(one, Catch::Contains("… (2999600 bytes) …"));
    CHECK(reason_of("Gr\x81n").text == "Gr\\x81n\n(it is not UTF-8, and nobody can tell which code page it is in)");
    CHECK(as_text("Gr\x81n \xc3\xbc") == "Gr\\x81n \xc3\xbc");
    const std::string umlauts = [] {
        std::string text;
        for (int i = 0; i < 1000; ++i) text += "\xc3\xbc";
        return text;
    }();
    CHECK_THAT(reason_of(umlauts).text, !Catch::Contains("code page"));
}

TEST_CASE("UTF-8 is what the table of Unicode calls well-formed, for every boundary of it") {
    struct Row {
        std::vector<std::pair<int, int>> bytes;
    };
    const std::pair<int, int> any = {0x80, 0xBF};
    const std::vector<Row> rows = {{{{0, 0x7F}}},
                                   {{{0xC2, 0xDF}, any}},
                                   {{{0xE0, 0xE0}, {0xA0, 0xBF}, any}},
                                   {{{0xE1, 0xEC}, any, any}},
                                   {{{0xED, 0xED}, {0x80, 0x9F}, any}},
                                   {{{0xEE, 0xEF}, any, any}},
                                   {{{0xF0, 0xF0}, {0x90, 0xBF}, any, any}},
                                   {{{0xF1, 0xF3}, any, any, any}},
                                   {{{0xF4, 0xF4}, {0x80, 0x8F}, any, any}}};
    const auto is_well_formed = [&](const std::vector<int>& bytes) {
        for (const Row& row : rows) {
            bool fits = row.bytes.size() == bytes.size();
            for (std::size_t i = 0; fits && i < bytes.size(); ++i)
                fits = bytes[i] >= row.bytes[i].first && bytes[i] <= row.bytes[i].second;
            if (fits) return true;
        }
        return false;
    };
    const std::vector<int> next = {0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0};
    const auto check = [&](const std::vector<int>& bytes) {
        std::string text;
        for (const int byte : bytes) text += static_cast<char>(byte);
        // A text is well-formed if it is cut into characters that are; here it is one, or ends in others.
        bool expected = is_well_formed(bytes);
        for (std::size_t cut = 1; cut < bytes.size() && !expected; ++cut) {
            bool rest = true;
            for (std::size_t i = cut; i < bytes.size(); ++i) rest = rest && bytes[i] < 0x80;
            expected = rest && is_well_formed({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut)});
        }
        if (is_utf8(text) != expected) FAIL(as_text(text) + " of " + std::to_string(bytes.size()));
        CHECK((as_text(text) == text) == expected);
    };
    for (int first = 0; first < 0x100; ++first) {
        check({first});
        for (const int second : next) {
            check({first, second});
            if (first < 0xDF) continue;
            for (const int third : next) {
                check({first, second, third});
                if (first < 0xEF) continue;
                for (const int fourth : next) check({first, second, third, fourth});
            }
        }
    }
    CHECK(as_text("\xFF\x0A\x90") == "\\xff\n\\x90");
}

TEST_CASE("UTF-16 is read to its last unit, halves of pairs and all") {
    using ports::in_utf16;
    using ports::Order;
    for (const char* point : {"\x01", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                              "\xEF\xBF\xBD", "\xF0\x90\x80\x80", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"})
        for (const Order order : {Order::little_endian, Order::big_endian}) {
            const std::string decision = order == Order::little_endian ? "\xFF\xFE" : "\xFE\xFF";
            CHECK(as_utf8(decision + in_utf16(point, order)) == point);
            CHECK(as_utf8(decision + in_utf16(std::string("a") + point + "b", order)) ==
                  std::string("a") + point + "b");
        }
    const std::string gone = "\xEF\xBF\xBD";
    const auto big = [](std::string_view units) { return as_utf8("\xFE\xFF" + std::string(units)); };
    CHECK(big(std::string("\xD8\x00", 2)) == gone);
    CHECK(big(std::string("\xD8\x00\x00\x61", 4)) == gone + "a");
    CHECK(big(std::string("\xDC\x00\x00\x61", 4)) == gone + "a");
    CHECK(big(std::string("\xDF\xFF\x00\x61", 4)) == gone + "a");
    CHECK(big(std::string("\xD8\x00\xD8\x00\xDC\x00", 6)) == gone + "\xF0\x90\x80\x80");
    CHECK(big(std::string("\xD8\x00\xE0\x00", 4)) == gone + "\xEE\x80\x80");
    CHECK(big(std::string("\xDC\x00\xDC\x00", 4)) == gone + gone);
    CHECK(big(std::string("\x00\x61\xDC\x00", 4)) == "a" + gone);
    CHECK(big(std::string("\xD8\x00\xDC", 3)) == gone + gone);
    CHECK(as_utf8(std::string(8, '\0')).size() == 8);
    // Without a mark: most other bytes are zeros, and hardly any between them.
    const std::string seven("a\0b\0c\0d\0e\0f\0g\0xyxyxy", 20);
    CHECK(as_utf8(seven).starts_with("abcdefg"));
    CHECK(as_utf8(std::string("a\0b\0c\0d\0e\0f\0xyxyxyxy", 20)).size() == 20);
    CHECK(as_utf8(std::string("a\0b\0c\0d\0e\0f\0g\0h\0\0\0j\0", 20)).starts_with("abcdefgh"));
    CHECK(as_utf8(std::string("a\0b\0c\0d\0e\0f\0g\0\0\0\0\0j\0", 20)).size() == 20);
    CHECK(as_utf8(std::string("\0a\0b", 4)) == "ab");
    CHECK(as_utf8(std::string("\0a", 2)).size() == 2);
}

TEST_CASE("a reason is whole up to its bounds, and cut behind them") {
    const auto lines = [](int count) {
        std::string text;
        for (int i = 1; i <= count; ++i) text += std::to_string(i) + "\n";
        return text;
    };
    CHECK(reason_of(lines(10)).is_whole);
    CHECK(reason_of(lines(10)).text == "1\n2\n3\n4\n5\n6\n7\n8\n9\n10");
    CHECK(reason_of(lines(11)).text == "1\n2\n3\n4\n5\n6\n… (2 lines) …\n9\n10\n11");
    CHECK(reason_of(std::string(400, 'x')).is_whole);
    CHECK(reason_of(std::string(400, 'x')).text == std::string(400, 'x'));
    CHECK(reason_of(std::string(401, 'x')).text == std::string(300, 'x') + " … (1 bytes) … " + std::string(100, 'x'));
    const std::string three = "\xE2\x82\xAC";
    for (int shift = 0; shift < 3; ++shift) {
        std::string text(static_cast<std::size_t>(shift), 'x');
        while (text.size() < 600) text += three;
        INFO(shift);
        CHECK(reason_of(text).text.find("\\x") == std::string::npos);
    }
    // No character has more than three bytes behind its first, so the cut moves no further.
    CHECK_THAT(reason_of(std::string(500, '\x80')).text, Catch::Contains(" … (106 bytes) … "));
    CHECK(reason_of(" \t\none \t\n").text == "one");
}

}  // namespace pvsplan::engine
