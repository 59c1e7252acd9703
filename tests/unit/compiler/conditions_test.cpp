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

TEST_CASE("a condition may read other objects of its own kind") {
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
    CHECK_FALSE(c->rollback);
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

TEST_CASE("among many misspelt words all are found and the first ones get a suggestion") {
    std::string steps = "steps:\n";
    for (int i = 0; i < 3000; ++i)
        steps += "  - {id: step-" + std::to_string(i) + ", after: stpe-" + std::to_string(i + 1) +
                 ", do: shop.look, on: first(nodes)}\n";
    const auto c = test::compiled(test::shop_plan(steps));
    CHECK(test::errors_of(*c) == "PV2016");
}

namespace {

// A step whose outputs are read, and the steps after it.
checks::Verdict verdict_behind_look(const std::string& steps, const std::string& requirement) {
    return verdict_of(
        "steps:\n  - {id: stopped, do: shop.stop, on: \"nodes[2]\"}\n  - {id: look, do: shop.install, on: "
        "\"nodes[2]\", with: {version: 2203}}\n  - id: ways\n    parallel:\n" +
            steps,
        requirement);
}

std::string way(const std::string& condition, const std::string& call) {
    return "      - {when: \"" + condition + "\", " + call + "}\n";
}

// Two nodes stop, each under a condition, while a third is down.
checks::Verdict both_at_once(const std::string& one, const std::string& other) {
    return verdict_behind_look(
        way(one, "do: shop.stop, on: \"nodes[0]\"") + way(other, "do: shop.stop, on: \"nodes[1]\""),
        "always at most 2 down(node)");
}

}  // namespace

TEST_CASE("conditions on one value that cannot hold together are never met together") {
    using enum checks::Verdict;
    const std::string log = "steps.look.log";
    CHECK(both_at_once(log + " == 'a'", log + " == 'b'") == holds);
    CHECK(both_at_once(log + " == 'a'", log + " != 'a'") == holds);
    CHECK(both_at_once(log + " == 'a'", "'b' == " + log) == holds);
    CHECK(both_at_once(log + " == 'a'", log + " != 'b'") == violated);
    CHECK(both_at_once(log + " != 'a'", log + " != 'b'") == violated);
    CHECK(both_at_once(log + " in ['a', 'b']", log + " == 'c'") == holds);
    CHECK(both_at_once(log + " in ['a', 'b']", log + " in ['b', 'c']") == violated);
    CHECK(both_at_once(log + " in ['a', 'b']", log + " not in ['a', 'b', 'c']") == holds);
    CHECK(both_at_once(log + " == 'a' and steps.look.restart", log + " == 'b' or not steps.look.restart") == holds);
    CHECK(both_at_once(log + " == 'a' and steps.look.restart", log + " == 'b' or steps.look.restart") == violated);
    CHECK(both_at_once("steps.look.restart == true", "steps.look.restart == false") == holds);
    CHECK(both_at_once("steps.look.restart", "steps.look.restart != true") == holds);
    // Two values are two questions.
    CHECK(both_at_once(log + " == 'a'", "steps.look.code == 1") == violated);
}

TEST_CASE("a number is below, at or above what it is compared with") {
    using enum checks::Verdict;
    const std::string code = "steps.look.code";
    CHECK(both_at_once(code + " < 5", code + " >= 5") == holds);
    CHECK(both_at_once(code + " < 5", "5 < " + code) == holds);
    CHECK(both_at_once(code + " <= 5", code + " >= 5") == violated);
    CHECK(both_at_once(code + " < 5", code + " > 3") == violated);
    CHECK(both_at_once(code + " < 4", code + " > 3") == holds);
    CHECK(both_at_once(code + " > 3 and " + code + " < 5", code + " != 4") == holds);
    CHECK(both_at_once(code + " < 5", code + " == 5") == holds);
}

TEST_CASE("exactly one of if, else if and else is taken") {
    using enum checks::Verdict;
    const std::string a = "steps.look.log == 'a'";
    const std::string b = "steps.look.log == 'b'";
    const auto migrations = [](const std::vector<std::string>& conditions) {
        std::string steps;
        for (const std::string& one : conditions) steps += way(one, "do: shop.migrate");
        return verdict_behind_look(steps, "exactly 1 upgrade(base)");
    };
    CHECK(migrations({a, b, "not (" + a + " or " + b + ")"}) == holds);
    CHECK(migrations({a, "not (" + a + ") and " + b, "steps.look.log not in ['a', 'b']"}) == holds);
    CHECK(migrations({a, b}) == violated);
    std::vector<std::string> many;
    std::string other;
    for (int i = 0; i < 20; ++i) {
        many.push_back("steps.look.log == 'v" + std::to_string(i) + "'");
        other += (i == 0 ? "" : " and ") + ("steps.look.log != 'v" + std::to_string(i)) + "'";
    }
    CHECK(migrations(many) == violated);
    many.push_back(other);
    CHECK(migrations(many) == holds);
}

TEST_CASE("what every branch brings about holds after them, and what one leaves out does not") {
    const auto errors = [](const std::string& last) {
        const auto c = test::compiled(test::shop_plan(std::string(R"(steps:
  - {id: stopped, do: shop.stop, on: "nodes[2]"}
  - {id: look, do: shop.install, on: "nodes[2]", with: {version: 2203}}
  - {when: "steps.look.log == 'a'", do: shop.stop, on: "nodes[0]"}
  - {when: "steps.look.log == 'b'", do: shop.stop, on: "nodes[0]"}
  - {when: ")") + last + R"(", do: shop.stop, on: "nodes[0]"}
  - {do: shop.install, on: "nodes[0]", with: {version: 2402}}
)"));
        INFO(test::text_of(*c));
        return test::errors_of(*c);
    };
    CHECK(errors("steps.look.log not in ['a', 'b']").empty());
    CHECK(errors("steps.look.log == 'c'") == "PV3103");
}

TEST_CASE("more conditions than are tried in all combinations leave it undecided") {
    const auto verdict = [](int conditions) {
        std::string steps = "steps:\n  - {id: stopped, do: shop.stop, on: \"nodes[2]\"}\n";
        for (int i = 0; i < conditions; ++i)
            steps +=
                "  - {id: look" + std::to_string(i) + ", do: shop.install, on: \"nodes[2]\", with: {version: 2203}}\n";
        for (int i = 0; i < conditions; ++i)
            steps += "  - {when: steps.look" + std::to_string(i) + ".restart, do: shop.migrate}\n";
        // It holds, whatever they are: that is seen as long as all are tried.
        return verdict_of(steps, "at most " + std::to_string(conditions) + " upgrade(base)");
    };
    CHECK(verdict(12) == checks::Verdict::holds);
    CHECK(verdict(13) == checks::Verdict::undecided);
    CHECK(verdict(40) == checks::Verdict::undecided);
}

namespace {

// The verdict on `exactly 1 upgrade(base)`, where each of these steps does it under a condition.
checks::Verdict once_with(const std::string& before, const std::vector<std::string>& conditions) {
    std::string steps =
        "steps:\n  - {id: down, do: shop.stop, on: \"nodes[0]\"}\n"
        "  - {id: first, do: shop.install, on: \"nodes[0]\", with: {version: 2}}\n" +
        before;
    for (const std::string& one : conditions) steps += "  - {when: \"" + one + "\", do: shop.migrate}\n";
    return verdict_of(steps, "exactly 1 upgrade(base)");
}

}  // namespace

TEST_CASE("an output of a step that was skipped is neither true nor false") {
    const std::string maybe =
        "  - {id: maybe, when: steps.first.restart, do: shop.install, on: \"nodes[0]\", with: {version: 3}}\n";
    CHECK(once_with(maybe, {"steps.maybe.restart == true", "steps.maybe.restart == false"}) ==
          checks::Verdict::violated);
    CHECK(once_with(maybe, {"steps.maybe.restart == true", "steps.maybe.restart != true"}) == checks::Verdict::holds);
    CHECK(once_with("", {"steps.first.restart == true", "steps.first.restart == false"}) == checks::Verdict::holds);
    CHECK(once_with("", {"steps.first.restart == true", "steps.first.restart == none"}) == checks::Verdict::violated);
    const std::string in_one_group =
        "  - when: steps.first.restart\n    steps:\n"
        "      - {id: maybe, do: shop.install, on: \"nodes[0]\", with: {version: 3}}\n"
        "      - {when: steps.maybe.restart == true, do: shop.migrate}\n"
        "      - {when: steps.maybe.restart == false, do: shop.migrate}\n";
    CHECK(once_with(in_one_group, {"not steps.first.restart"}) == checks::Verdict::holds);
}

TEST_CASE("an output is none where its step was skipped, and only there") {
    const std::string maybe =
        "  - {id: maybe, when: steps.first.restart, do: shop.install, on: \"nodes[0]\", with: {version: 3}}\n";
    CHECK(once_with("", {"steps.first.restart == none", "steps.first.restart != none"}) == checks::Verdict::holds);
    CHECK(once_with("", {"steps.first.restart != none"}) == checks::Verdict::holds);
    CHECK(once_with(maybe, {"steps.maybe.restart == none", "steps.first.restart"}) == checks::Verdict::holds);
    CHECK(once_with(maybe, {"steps.maybe.restart != none", "not steps.first.restart"}) == checks::Verdict::holds);
    CHECK(once_with(maybe, {"steps.maybe.restart == none"}) == checks::Verdict::violated);
    CHECK(once_with(maybe, {"steps.first.restart and steps.maybe.restart",
                            "not steps.first.restart or not steps.maybe.restart"}) == checks::Verdict::holds);
}
