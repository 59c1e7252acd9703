// A stranger's text in Markdown: read as it stands, and nothing of it is markup.
#include "runtime/view/markdown.hpp"

#include <catch2/catch.hpp>

using pvsplan::view::as_markdown;

TEST_CASE("what is markup elsewhere is none in a text") {
    CHECK(as_markdown("*a* [b](c) <img> ~~d~~ &lt; $e$ \\f") ==
          "\\*a\\* \\[b\\](c) \\<img> \\~\\~d\\~\\~ \\&lt; \\$e\\$ \\\\f");
    CHECK(as_markdown("_a_ and for_each") == "\\_a\\_ and for_each");
    CHECK(as_markdown("a | b `c | d`") == "a \\| b `c \\| d`");
}

TEST_CASE("a text begins no heading, list or quotation, and is one line") {
    CHECK(as_markdown("# a") == "\\# a");
    CHECK(as_markdown("- a - b") == "\\- a - b");
    CHECK(as_markdown("> a > b") == "\\> a > b");
    CHECK(as_markdown("12. a") == "12\\. a");
    CHECK(as_markdown("12 a.") == "12 a.");
    CHECK(as_markdown("a\n# b\x1b[1m") == as_markdown("a # b\x1b[1m"));
    CHECK(as_markdown("a\n\n---").find('\n') == std::string::npos);
    CHECK(as_markdown("").empty());
}

TEST_CASE("code stays code, and ends") {
    CHECK(as_markdown("`rest[*].stop` waits") == "`rest[*].stop` waits");
    CHECK(as_markdown("`a") == "`a`");
    CHECK(as_markdown("```a") == "`a`");
}
