// A layout is set by blanks alone: examples of each place where one may stand. tests/property/layouts.py has the random
// ones.
#include "compiler/layout/layout.hpp"

#include <catch2/catch.hpp>

namespace pvsplan::layout {
namespace {

// Nothing: it could not be read.
std::optional<std::string> formatted(const std::string& text) {
    base::Sources sources;
    diag::Sink sink;
    const base::FileId file = sources.add("x.yaml", text);
    const auto edits = format(sources, file, sink);
    if (!edits) return std::nullopt;
    REQUIRE(edits->ok());
    return with_edits(text, **edits);
}

void becomes(const std::string& before, const std::string& after) {
    INFO(before);
    CHECK(formatted(before) == after);
    CHECK(formatted(after) == after);
}

void stays(const std::string& text) { becomes(text, text); }

}  // namespace

TEST_CASE("layout: indentation, of lists below their key as well") {
    becomes("plan:   x\nsteps:\n- id: a\n  do: b\n-   id: c\n    do: d\n",
            "plan: x\nsteps:\n  - id: a\n    do: b\n  - id: c\n    do: d\n");
    becomes("a:\n      b:\n          c: 1\n      d: 2\n", "a:\n  b:\n    c: 1\n  d: 2\n");
    becomes("a:\n -  - x\n    - y\n -\n     b: 1\n", "a:\n  - - x\n    - y\n  -\n    b: 1\n");
}

TEST_CASE("layout: one blank between words, none at the end of a line") {
    becomes("a :   1\nb:\t2  \nc: &x   3\nd:  *x\n*x : e\n", "a: 1\nb: 2\nc: &x 3\nd: *x\n*x : e\n");
    becomes("a: { b:1x ,c : [ 1,2 ,3 ] , d: {} , e: [ ] }\n", "a: {b:1x, c: [1, 2, 3], d: {}, e: []}\n");
    becomes("a: [! ,  !  ]\n", "a: [! , ! ]\n");
    becomes("a: {\"b\":1, c: , d: [x ,]}\n", "a: {\"b\": 1, c: , d: [x,]}\n");
    becomes("?   a\n:   b\n", "? a\n: b\n");
}

TEST_CASE("layout: no columns, so that one more key changes one line") {
    becomes("version: {type: version}\nmedia:   {type: path}    # why\nfrom:    1           # where\n",
            "version: {type: version}\nmedia: {type: path}  # why\nfrom: 1  # where\n");
}

TEST_CASE("layout: at most one blank line, none at the beginning, one line break at the end") {
    becomes("\n\na: 1\n\n  \n\nb: 2\n\n\n", "a: 1\n\nb: 2\n");
    becomes("a: 1", "a: 1\n");
    becomes("a: 1\r\n\r\n\r\nb:  2", "a: 1\r\n\r\nb: 2\r\n");
    becomes("\xEF\xBB\xBF\n%YAML 1.2\n---   # x\na:  1\n...\n\n", "\xEF\xBB\xBF%YAML 1.2\n---  # x\na: 1\n...\n");
}

TEST_CASE("layout: a comment goes with what follows, unless it stands below what ends there") {
    becomes(
        "# top\nsteps:\n# first\n    - id: a\n      do: b\n      # of a\n    # of c\n    - id: c\n        # deep\n  # "
        "out\nx: 1\n # end\n",
        "# top\nsteps:\n  # first\n  - id: a\n    do: b\n    # of a\n  # of c\n  - id: c\n    # deep\n# out\nx: 1\n# "
        "end\n");
    becomes("a:   # why\n  - # none\n    b: 1 #c\n", "a:  # why\n  -  # none\n    b: 1  #c\n");
    becomes("a: 1   # blanks behind  \t\n", "a: 1  # blanks behind\n");
    // The line that an editor's YAML server reads.
    stays("# yaml-language-server: $schema=./.schema/plan.json\nplan: x\n");
}

TEST_CASE("layout: the lines of a block scalar move together") {
    becomes("a:\n    b: |\n          x\n            y\n\n          z\n    c: 1\n",
            "a:\n  b: |\n    x\n      y\n\n    z\n  c: 1\n");
    becomes("a:\n    b: |2  # why\n        x\n      y\n    c: >-3\n       z\n",
            "a:\n  b: |2  # why\n      x\n    y\n  c: >-3\n     z\n");
    // What it keeps at its end is part of it, and so are blanks beyond its lines.
    becomes("a: |+\n x\n\n\n# y\nb: |\n x  \n  \n\n\nc: 1\n", "a: |+\n  x\n\n\n# y\nb: |\n  x  \n   \n\nc: 1\n");
    stays("a: |\n  x");
    stays("a: |+\n  x\n\n\n");
    becomes("a: |\n  x\n\n\n", "a: |\n  x\n");
    becomes("- |\n x\n- >\n    y\n", "- |\n  x\n- >\n  y\n");
    becomes("a: >-\n      \t\nb: 1\n", "a: >-\n  \t\nb: 1\n");
    stays("a: >4\n     ");
    // Behind a property that begins its line yaml-cpp wants its lines further right.
    becomes("- &a |\n       x\n-    &b one\n       - two\n", "- &a |\n    x\n- &b one\n    - two\n");
    // A comment behind it stays one.
    becomes("a:\n    b: |\n      x\n     # c\n", "a:\n  b: |\n    x\n  # c\n");
}

TEST_CASE("layout: a text that goes on in further lines says the same") {
    becomes("a: one\n       two\nb: \"x\n\n y \\\n     \\  z\"\nc:\n      - 'p\n     q'\n",
            "a: one\n  two\nb: \"x\n\n  y \\\n  \\  z\"\nc:\n  - 'p\n    q'\n");
}

TEST_CASE("layout: brackets over several lines") {
    becomes("a: {b: 1,\n        c: [1,\n       2\n    ],   # x\n # y\n  }\nd:\n      [\n x]\n",
            "a: {b: 1,\n  c: [1,\n    2\n  ],  # x\n  # y\n  }\nd:\n  [\n    x]\n");
    becomes("{\n\"plan\":\"x\"\n}\n", "{\n  \"plan\": \"x\"\n}\n");
}

TEST_CASE("layout: what cannot be read has none") {
    for (const char* text :
         {"a: [1\nb: 2\n", "%YAML 1.2\n# x\n", "\ta: 1\n", "a: 1\n\t# b\n", "a: 1\na: 2\n", "a: 'x\n"}) {
        INFO(text);
        CHECK_FALSE(formatted(text));
    }
}

TEST_CASE("layout: a file in which nothing stands yet has one, and so has a tag that is written out") {
    stays("");
    becomes("\n \n", "");
    becomes("\n\n# a  \n\n\n\n   # b", "# a\n\n# b\n");
    becomes("a:   !<tag:yaml.org,2002:str>   [x,   !<tag:yaml.org,2002:str> y]\n",
            "a: !<tag:yaml.org,2002:str> [x, !<tag:yaml.org,2002:str> y]\n");
}

TEST_CASE("layout: an edit changes blanks alone") {
    const std::string text = "a :   1\nsteps:\n- {  id : x }   # y\n\n\n\nb: |\n     x\n";
    base::Sources sources;
    diag::Sink sink;
    const auto edits = format(sources, sources.add("x.yaml", text), sink);
    REQUIRE((edits && edits->ok()));
    CHECK((*edits)->size() == 9);
    std::uint32_t before = 0;
    for (const diag::Edit& edit : **edits) {
        CHECK(edit.span.begin >= before);
        before = edit.span.end;
        CHECK(edit.text.find_first_not_of(" \n") == std::string::npos);
        CHECK(text.substr(edit.span.begin, edit.span.size()).find_first_not_of(" \n") == std::string::npos);
    }
    CHECK(sink.all().empty());
}

}  // namespace pvsplan::layout
