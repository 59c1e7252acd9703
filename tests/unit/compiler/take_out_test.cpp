// What is taken out of a text leaves the text of its author otherwise as it was.
#include <catch2/catch.hpp>

#include "compiler/diag/render.hpp"
#include "compiler/take_out.hpp"

namespace pvsplan::test {
namespace {

// `text` without the entry whose key, value or element is written `gone`; nothing if it stays.
std::optional<std::string> without(const std::string& text) {
    base::Sources sources;
    const base::FileId file = sources.add("plan.yaml", text);
    diag::Sink sink;
    const auto tree = syntax::read_tree(sources, file, sink);
    REQUIRE(tree);
    REQUIRE(sink.all().empty());
    const auto at = static_cast<std::uint32_t>(text.find("gone"));
    const auto edit = compiler::take_out(sources, *tree, {file, at, at + 4});
    if (!edit) return std::nullopt;
    std::string left = text;
    left.replace(edit->span.begin, edit->span.end - edit->span.begin, edit->text);
    return left;
}

}  // namespace

TEST_CASE("take out: of a mapping in flow style") {
    CHECK(without("{id: a, after: gone, do: b}\n") == "{id: a, do: b}\n");
    CHECK(without("{after: gone, do: b}\n") == "{do: b}\n");
    CHECK(without("{id: a, after: gone}\n") == "{id: a}\n");
    CHECK(without("{id: a,\n after: gone,\n do: b}\n") == "{id: a,\n do: b}\n");
    CHECK(without("{id: a, gone: {type: string}}\n") == "{id: a}\n");
}

TEST_CASE("take out: of a mapping in block style") {
    CHECK(without("id: a\nafter: gone  # because\ndo: b\n") == "id: a\ndo: b\n");
    CHECK(without("- after: gone\n  do: b\n") == "- do: b\n");
    CHECK(without("- id: a\n  after: gone\n") == "- id: a\n");
    CHECK(without("p:\n  gone:\n    type: string\n    default: x\n  other: y\n") == "p:\n  other: y\n");
    CHECK(without("p:\n  other: y\n  gone:\n    type: string\n\nq: 1\n") == "p:\n  other: y\n\nq: 1\n");
    CHECK(without("id: a\r\nafter: gone\r\ndo: b\r\n") == "id: a\r\ndo: b\r\n");
    CHECK(without("id: a\nafter: gone") == "id: a\n");
}

TEST_CASE("take out: of a list; with its last entry the list goes, and what it is the value of") {
    CHECK(without("id: a\nafter: [gone, b]\n") == "id: a\nafter: [b]\n");
    CHECK(without("id: a\nafter: [b, gone]\n") == "id: a\nafter: [b]\n");
    CHECK(without("id: a\nafter: [gone]\n") == "id: a\n");
    CHECK(without("id: a\nafter:\n  - gone\n  - b\n") == "id: a\nafter:\n  - b\n");
    CHECK(without("id: a\nafter:\n  - b\n  - gone\n") == "id: a\nafter:\n  - b\n");
    CHECK(without("id: a\nafter:\n- gone\n") == "id: a\n");
    CHECK(without("plan: x\np:\n  gone: {type: string}\nq: 1\n") == "plan: x\nq: 1\n");
}

TEST_CASE("take out: a text in which that is not simple stays") {
    CHECK_FALSE(without("{id: a, after: gone, # of b\n do: b}\n"));
    CHECK_FALSE(without("- after: gone  # of b\n  do: b\n"));
    CHECK_FALSE(without("gone: a\n"));
    CHECK_FALSE(without("- - gone\n  - b\n"));
}

}  // namespace pvsplan::test
