#include "runtime/engine/console_text.hpp"

#include <catch2/catch.hpp>

#include "runtime/ports/disguise.hpp"

namespace pvsplan::engine {

TEST_CASE("UTF-16 is told by its mark or by its zeros; all else stays") {
    using ports::in_utf16;
    using ports::Order;
    const std::string text = "Zugriff verweigert: \xc3\xbc\xf0\x9f\x98\x80\r\n";
    for (const Order order : {Order::little_endian, Order::big_endian}) {
        const std::string mark = order == Order::little_endian ? "\xFF\xFE" : "\xFE\xFF";
        CHECK(as_utf8(in_utf16(text, order)) == text);
        CHECK(as_utf8(mark + in_utf16(text, order)) == text);
        CHECK(as_utf8(mark + in_utf16("a", order) + "x") == "a\xEF\xBF\xBD");
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

}  // namespace pvsplan::engine
