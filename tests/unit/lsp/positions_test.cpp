#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "runtime/lsp/documents.hpp"
#include "runtime/lsp/positions.hpp"
#include "runtime/lsp/uris.hpp"

using namespace pvsplan::lsp;

TEST_CASE("columns count units of the encoding", "[lsp]") {
    const std::string text = "aé😀b\r\nx\rz\n";
    for (const Encoding encoding : {Encoding::utf8, Encoding::utf16}) {
        const Lines lines(text, encoding);
        REQUIRE(lines.count() == 4);
        CHECK(lines.line(0) == "aé😀b");
        CHECK(lines.line(1) == "x");
        CHECK(lines.line(2) == "z");
        CHECK(lines.line(3).empty());
        const std::uint32_t b = encoding == Encoding::utf8 ? 7 : 4;
        CHECK(lines.offset({0, b}) == 7);
        CHECK(lines.position(7) == Position{0, b});
        CHECK(lines.position(1) == Position{0, 1});
        CHECK(lines.position(10) == Position{1, 0});
        // Within a character is at its beginning.
        CHECK(lines.offset({0, b - 1}) == 3);
        CHECK(lines.position(4) == Position{0, encoding == Encoding::utf8 ? 3U : 2U});
        // Behind the end of a line is its end, behind the last line that of the text.
        CHECK(lines.offset({0, 4'000'000'000U}) == 8);
        CHECK(lines.offset({1, 99}) == 11);
        CHECK(lines.offset({4'000'000'000U, 0}) == text.size());
        CHECK(lines.position(4'000'000'000U) == Position{3, 0});
        CHECK(lines.position(9) == Position{0, encoding == Encoding::utf8 ? 8U : 5U});
    }
    const std::string broken = "\xff\xfe\xf0\x9f x";
    CHECK(Lines(broken, Encoding::utf16).offset({0, 5}) == 5);
    CHECK(Lines("", Encoding::utf16).count() == 1);
}

TEST_CASE("an edited text knows its lines", "[lsp]") {
    std::mt19937 random(7);
    const auto below = [&](std::size_t bound) { return static_cast<std::uint32_t>(random() % bound); };
    static constexpr std::string_view parts[] = {"\n", "\r", "\r\n", "a", "é", "😀", "b\nc", "\n\r", "\r\r\n", ""};
    for (int round = 0; round < 200; ++round) {
        Buffer buffer("one\r\ntwo\n");
        for (int edit = 0; edit < 30; ++edit) {
            const std::string before = buffer.text();
            const Lines lines(before, Encoding::utf16);
            const std::uint32_t begin = below(before.size() + 1);
            const std::uint32_t end = below(before.size() + 1);
            const Range range{lines.position(begin), lines.position(end)};
            const std::uint32_t from = std::min(lines.offset(range.start), lines.offset(range.end));
            const std::uint32_t to = std::max(lines.offset(range.start), lines.offset(range.end));
            const std::string_view with = parts[below(std::size(parts))];
            buffer.replace(range, with, Encoding::utf16);
            std::string want = before;
            want.replace(from, to - from, with);
            REQUIRE(buffer.text() == want);
            REQUIRE(buffer.starts() == line_starts(want));
        }
    }
}

TEST_CASE("texts that are open have bounds", "[lsp]") {
    Documents documents;
    documents.open("file:///a.yaml", 1, "x");
    documents.open("file:///b.yaml", 1, std::string(Documents::max_bytes, ' '));
    REQUIRE(documents.find("file:///b.yaml"));
    CHECK(documents.find("file:///b.yaml")->is_lost);
    CHECK_FALSE(documents.texts().at("/b.yaml"));
    CHECK(*documents.texts().at("/a.yaml") == "x");
    documents.change(*documents.find("file:///b.yaml"), 2, {{std::nullopt, "y"}}, Encoding::utf16);
    CHECK(*documents.texts().at("/b.yaml") == "y");
    documents.close("file:///b.yaml");
    documents.close("file:///b.yaml");
    CHECK_FALSE(documents.find("file:///b.yaml"));
}

TEST_CASE("URIs name files", "[lsp]") {
    CHECK(path_of("file:///a/b%20c/%C3%A9.yaml") == "/a/b c/é.yaml");
    CHECK(path_of("FILE://localhost/a/../b") == "/b");
    CHECK(path_of("file:///a%2") == "/a%2");
    CHECK(path_of("file:///a#b?c") == "/a");
    CHECK_FALSE(path_of("untitled:Untitled-1"));
    CHECK_FALSE(path_of("file://elsewhere/a"));
    CHECK_FALSE(path_of("file:///a%00b"));
    CHECK_FALSE(path_of("file:"));
    CHECK_FALSE(path_of(""));
    CHECK(uri_of("/a/b c/é+.yaml") == "file:///a/b%20c/%C3%A9%2B.yaml");
    CHECK(path_of(uri_of("/a/b c/é+.yaml")) == "/a/b c/é+.yaml");
}
