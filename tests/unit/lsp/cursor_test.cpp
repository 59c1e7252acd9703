#include <catch2/catch.hpp>

#include <ctime>
#include <string>

#include "runtime/lsp/cursor.hpp"

using namespace pvsplan::lsp;

namespace {

Cursor at_end(const std::string& text) {
    return cursor_at(Lines(text, Encoding::utf8), static_cast<std::uint32_t>(text.size()));
}

}  // namespace

TEST_CASE("brackets around the cursor are levels of its way", "[lsp]") {
    const Cursor cursor = at_end("steps:\n  - {id: stop, with: {name: \"a, b\", state: ");
    CHECK(cursor.at == Cursor::At::value);
    REQUIRE(!cursor.way.empty());
    CHECK(cursor.way.back().name == "state");
    CHECK(cursor.sibling(cursor.way.size() - 1, "name") == "a, b");
    CHECK(cursor.sibling(cursor.way.size() - 2, "id") == "stop");
}

// At each key such a line would take minutes, or hundreds of megabytes.
TEST_CASE("a line of brackets and nothing else is not walked at each key", "[lsp]") {
    const std::size_t many = 4'000'000;
    const std::clock_t begin = std::clock();  // of this process, however busy the machine is
    for (const std::string& text : {"steps: " + std::string(many, '['), "steps: [a" + std::string(many, '{'),
                                    "steps: [a" + std::string(15'000, '{'), "steps: " + std::string(15'000, '[')}) {
        const Cursor cursor = at_end(text);
        CHECK(cursor.way.size() < 20'000);
    }
    CHECK(std::clock() - begin < 10 * CLOCKS_PER_SEC);
}
