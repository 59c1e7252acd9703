// Plans with parameters that have no value yet: what is said of them must be true for every value.
#include <catch2/catch.hpp>

#include "tests/unit/compiler/project.hpp"

using namespace pvsplan;
using checks::Verdict;

namespace {

constexpr const char* stop_two = R"(steps:
  - {id: stop, do: shop.stop, on: first(nodes)}
  - {id: other, do: shop.stop, on: last(nodes)}
)";

test::Compiled with_invariants(const std::string& parameters, const std::string& steps,
                               const std::vector<std::string>& requirements) {
    std::string text = "parameters:\n" + parameters + steps + "invariants:\n";
    for (std::size_t i = 0; i < requirements.size(); ++i)
        text += "  - {name: r" + std::to_string(i) + ", require: '" + requirements[i] + "'}\n";
    return test::compiled(test::shop_plan(text));
}

}  // namespace

TEST_CASE("the objects that a requirement speaks of are not guessed") {
    const auto c = with_invariants(
        "  who: {type: string}\n", stop_two,
        {"never stop(node n) where n.name == who", "at most 1 stop(node n) per n.name == who",
         "some start(node n) where n.name == who before every stop(node)",
         "always at most 0 down(node n) where n.name == who", "always at most 1 down(node n) per n.name == who",
         "every stop(node) while every down(node n) where n.name == who",
         "never stop(node n) where n.name == who and n.name == \"nobody\""});
    INFO(test::text_of(*c));
    REQUIRE(c->decisions.size() == 7);
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(c->decisions[i].verdict == Verdict::undecided);
        CHECK(c->decisions[i].missing == "the parameter `who`");
    }
    CHECK(c->decisions[6].verdict == Verdict::holds);
}

TEST_CASE("conditions on parameters without a value are the same only if the parameters are") {
    const auto verdict = [](const std::string& first, const std::string& second) {
        const auto c =
            with_invariants("  a: {type: string}\n  b: {type: string}\n",
                            "steps:\n"
                            "  - {id: stop, do: shop.stop, on: first(nodes), when: " +
                                first + "}\n  - {id: start, do: shop.start, on: first(nodes), when: " + second + "}\n",
                            {"every stop(node n) then some start(node n)"});
        INFO(test::text_of(*c));
        REQUIRE(c->decisions.size() == 1);
        return c->decisions[0];
    };
    CHECK(verdict("a == \"x\"", "a == \"x\"").verdict == Verdict::holds);
    const checks::Decision two = verdict("a == \"x\"", "b == \"x\"");
    CHECK(two.verdict == Verdict::violated);
    CHECK(two.witness->assumptions ==
          std::vector<std::pair<std::string, bool>>{{"a == \"x\"", true}, {"b == \"x\"", false}});
}

TEST_CASE("every value of a parameter is tried, also when another one has failed") {
    const auto c = with_invariants("  fast: {type: bool}\n  how: {type: [wizard, script]}\n", stop_two,
                                   {"never stop(node) where not fast", "never stop(node) where fast",
                                    "never stop(node) where how == script", "at least 2 stop(node)"});
    INFO(test::text_of(*c));
    REQUIRE(c->decisions.size() == 4);
    const auto assumed = [&](std::size_t i) { return c->decisions[i].witness.value().assumptions; };
    using Assumptions = std::vector<std::pair<std::string, bool>>;
    CHECK(assumed(0) == Assumptions{{"fast", false}, {"how == wizard", true}});
    CHECK(assumed(1) == Assumptions{{"fast", true}, {"how == wizard", true}});
    CHECK(assumed(2) == Assumptions{{"fast", false}, {"how == script", true}});
    CHECK(c->decisions[3].verdict == Verdict::holds);
    CHECK(c->sink.sorted().size() == 3);
}

TEST_CASE("a schedule with steps that the plan has for other values only is left out") {
    const auto c = with_invariants("  fast: {type: bool}\n",
                                   "steps:\n"
                                   "  - {id: slow, do: shop.stop, on: first(nodes), when: not fast}\n"
                                   "  - {id: swift, do: shop.stop, on: last(nodes), when: fast}\n",
                                   {"never stop(node n) where n.name == \"n1\"",
                                    "never stop(node n) where n.name == \"n3\"", "exactly 1 stop(node)"});
    INFO(test::text_of(*c));
    REQUIRE(c->decisions.size() == 3);
    CHECK(c->nodes == 1);
    CHECK(c->decisions[0].verdict == Verdict::violated);
    CHECK(c->decisions[0].witness->schedule.size() == 2);
    CHECK(c->decisions[1].verdict == Verdict::violated);
    CHECK(c->decisions[1].witness->schedule.empty());
    CHECK(c->decisions[2].verdict == Verdict::holds);
    CHECK(test::errors_of(*c) == "PV4006");
}

TEST_CASE("a point of no return counts, for whichever value there is one") {
    test::Project project = test::shop_plan(
        "parameters:\n  how: {type: [wizard, script, both]}\n"
        "steps:\n"
        "  - {id: wizard, do: shop.burn, on: first(nodes), when: how != script}\n"
        "  - {id: script, do: shop.stop, on: first(nodes)}\n");
    std::string& module = project["shop.yaml"];
    module.insert(module.find("procedures:"),
                  "  burn:\n    on: node\n    run: {command: [burn]}\n    repeatable: true\n"
                  "    undo: {impossible: it burns}\n");
    const auto c = test::compiled(project);
    INFO(test::text_of(*c));
    REQUIRE(c->rollback);
    CHECK_FALSE(c->rollback->complete);
    REQUIRE(c->rollback->no_return.size() == 1);
    CHECK(c->facts().path(c->rollback->no_return[0].node) == "wizard");
}
