// Requirements and preconditions whose conditions look at other objects than the one that they are asked of.
#include <catch2/catch.hpp>

#include "tests/unit/compiler/project.hpp"

using namespace pvsplan;

namespace {

constexpr const char* two_stop_at_once = R"(steps:
  - id: both
    for_each: n in [nodes[0], nodes[1]]
    at_most: 2
    do: shop.stop
    on: n
)";
constexpr const char* two_stop_in_turn = R"(steps:
  - id: both
    for_each: n in [nodes[0], nodes[1]]
    at_most: 1
    steps:
      - {id: stop, do: shop.stop, on: n}
      - {id: start, do: shop.start, on: n}
)";

checks::Verdict verdict_of(const std::string& steps, const std::string& requirement) {
    const auto c =
        test::compiled(test::shop_plan(steps + "invariants:\n  - {name: Asked, require: \"" + requirement + "\"}\n"));
    INFO(test::text_of(*c));
    REQUIRE(c->decisions.size() == 1);
    return c->decisions[0].verdict;
}

}  // namespace

TEST_CASE("a condition may count the objects that are in a state") {
    const std::string never_two = "always at most 0 base b with size([n in nodes where n.stream == stopped]) >= 2";
    CHECK(verdict_of(two_stop_at_once, never_two) == checks::Verdict::violated);
    CHECK(verdict_of(two_stop_in_turn, never_two) == checks::Verdict::holds);
}

TEST_CASE("a condition may speak of what others of its own kind are") {
    const std::string somebody_serves =
        "always at least 3 node n with size([o in nodes where o.name != n.name and o.stream == running]) >= 1";
    CHECK(verdict_of(two_stop_at_once, somebody_serves) == checks::Verdict::violated);
    CHECK(verdict_of(two_stop_in_turn, somebody_serves) == checks::Verdict::holds);
}

TEST_CASE("filters that would look at a large farm for ever are given up, and nothing is said to hold") {
    std::string farm = "farm: shop\nuses: [./shop.yaml]\nbases: [{name: main}]\nnodes:\n";
    for (int i = 0; i < 2000; ++i) farm += "  - {name: n" + std::to_string(i) + "}\n";
    test::Project project = test::shop_plan(
        "steps:\n  - {id: stop, do: shop.stop, on: \"nodes[0]\"}\ninvariants:\n  - name: Asked\n    require: always at "
        "most 1 node n with size([o in nodes where size([p in nodes where p.site == o.site]) > 1]) > 1\n");
    project["farm.yaml"] = farm;
    const auto c = test::compiled(project);
    CHECK(test::errors_of(*c) == "PV2066");
    CHECK(c->decisions.empty());
    CHECK_FALSE(c->way_back);
}

namespace {

// Forty procedures, each of which calls the next with twice as much.
std::string doubling(const std::string& type, const std::string& first, const std::string& twice) {
    std::string module = "module: big\nuses: [./shop.yaml]\nprocedures:\n";
    for (int i = 0; i < 40; ++i) {
        const bool is_last = i == 39;
        module +=
            "  p" + std::to_string(i) + ":\n    on: node\n    parameters: {t: {type: " + type + "}}\n    steps:\n";
        module += is_last ? "      - {do: shop.look, on: on}\n"
                          : "      - {do: big.p" + std::to_string(i + 1) + ", on: on, with: {t: \"" + twice + "\"}}\n";
    }
    test::Project project = test::shop_plan("steps:\n  - {do: big.p0, on: first(nodes), with: {t: " + first + "}}\n");
    project["big.yaml"] = module;
    project["plan.yaml"].replace(project["plan.yaml"].find("[./shop.yaml]"), 13, "[./shop.yaml, ./big.yaml]");
    return test::errors_of(*test::compiled(project));
}

}  // namespace

TEST_CASE("text and lists that are doubled by every call are given up before they take a machine") {
    CHECK(doubling("string", "abcdefgh", "${t}${t}") == "PV2066");
    CHECK(doubling("string", "abcdefgh", "${t + t}") == "PV2066");
    CHECK(doubling("list of int", "[1, 2]", "${t + t}") == "PV2066");
}

TEST_CASE("of many words that are misspelt the first ones get a suggestion, and all are found") {
    std::string steps = "steps:\n";
    for (int i = 0; i < 3000; ++i)
        steps += "  - {id: step-" + std::to_string(i) + ", after: stpe-" + std::to_string(i + 1) +
                 ", do: shop.look, on: first(nodes)}\n";
    const auto c = test::compiled(test::shop_plan(steps));
    CHECK(test::errors_of(*c) == "PV2016");
}
