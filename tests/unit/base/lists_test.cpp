#include "compiler/base/lists.hpp"

#include <catch2/catch.hpp>

#include <vector>

using pvsplan::base::joined;
using pvsplan::base::quoted;
using pvsplan::base::some_of;
using pvsplan::base::some_quoted;

using Names = std::vector<std::string>;

TEST_CASE("a list has its separator between two, and an empty one is an empty text") {
    CHECK(joined(Names{}).empty());
    CHECK(joined(Names{"a"}) == "a");
    CHECK(joined(Names{"a", "b", "c"}, "; ") == "a; b; c");
    CHECK(quoted(Names{}).empty());
    CHECK(quoted(Names{"a", "b"}) == "`a`, `b`");
}

TEST_CASE("a long list names its first and counts the rest") {
    CHECK(some_of(Names{}, 2).empty());
    CHECK(some_of(Names{"a", "b"}, 2) == "a, b");
    CHECK(some_of(Names{"a", "b", "c"}, 2) == "a, b and 1 more");
    CHECK(some_quoted(Names{}, 2).empty());
    CHECK(some_quoted(Names{"a"}, 2) == "`a`");
    CHECK(some_quoted(Names{"a", "b", "c", "d"}, 2) == "`a`, `b` and 2 more");
}

TEST_CASE("only what is named is asked for its name") {
    std::vector<int> asked;
    const auto name = [&](int thing) {
        asked.push_back(thing);
        return std::to_string(thing);
    };
    CHECK(some_of(std::vector<int>{7, 8, 9, 10}, 3, name) == "7, 8, 9 and 1 more");
    CHECK(asked == std::vector<int>{7, 8, 9});

    struct Host {
        std::string name;
    };
    const Host first{"pvs01"};
    const Host second{"pvs02"};
    CHECK(some_quoted(std::vector<const Host*>{&first, &second}, 1, &Host::name) == "`pvs01` and 1 more");
}
