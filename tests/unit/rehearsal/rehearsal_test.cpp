// Every way in which a small plan can fail, and plans whose undo leads somewhere else.
#include "runtime/rehearsal/rehearsal.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/program/codec.hpp"
#include "tests/unit/compiler/project.hpp"

namespace pvsplan::rehearsal::test {
namespace {

// Two nodes are upgraded side by side, then the base.
program::Plan upgrade() {
    const auto compiled = pvsplan::test::compiled(pvsplan::test::shop_plan(R"(steps:
  - id: pair
    for_each: n in [nodes[0], nodes[1]]
    at_most: 2
    steps:
      - {id: drain, do: shop.stop, on: n}
      - {id: install, do: shop.install, on: n, with: {version: 2402}}
      - {id: fill, do: shop.start, on: n}
  - id: base
    do: shop.migrate
    on: bases["main"]
)"));
    INFO(pvsplan::test::text_of(*compiled));
    REQUIRE(compiled->ok());
    return simulated(compiler::program_of(*compiled));
}

std::vector<std::string> problems(const program::Plan& plan, const std::vector<Scenario>& all) {
    std::vector<std::string> found;
    for (const auto& problem : rehearse_all(plan, all))
        if (problem) found.push_back(*problem);
    return found;
}

bool has(const std::vector<std::string>& texts, std::string_view part) {
    return std::any_of(texts.begin(), texts.end(),
                       [part](const std::string& text) { return text.find(part) != std::string::npos; });
}

// The steps that cannot be undone are those of this action.
program::Plan with_no_return(const std::string& action) {
    program::Plan plan = upgrade();
    for (program::Node& node : plan.graph.nodes)
        if (node.action == action) node.undo = {.type = program::Undo::Type::impossible, .why = "nobody can"};
    program::seal(plan);
    return plan;
}

}  // namespace

TEST_CASE("each step fails in three ways, and the process dies after each write of the journal") {
    const program::Plan plan = upgrade();
    const auto all = scenarios(plan, 5, 1);
    const auto beginning = [&all](std::string_view word) {
        return std::count_if(all.begin(), all.end(),
                             [word](const Scenario& one) { return one.name.starts_with(word); });
    };
    CHECK(beginning("fail ") == 3 * 7);
    CHECK(beginning("die ") >= 1 + 4);  // the beginning of the run, and each step of the longest chain
    CHECK(beginning("random ") == 5);
    CHECK(problems(plan, all).empty());
}

TEST_CASE("random scenarios are those of their seed") {
    const program::Plan plan = upgrade();
    const auto names_of_faults = [&plan](std::uint64_t seed) {
        std::string text;
        for (const Scenario& one : scenarios(plan, 20, seed)) {
            if (!one.name.starts_with("random ")) continue;
            for (const auto& fault : one.faults) text += fault.step + " ";
            text += std::to_string(one.dies_after) + "\n";
        }
        return text;
    };
    CHECK(names_of_faults(1) == names_of_faults(1));
    CHECK(names_of_faults(1) != names_of_faults(2));
}

TEST_CASE("an undo that leads to another state than the one before is found") {
    program::Plan plan = upgrade();
    for (program::Node& node : plan.graph.nodes)
        if (node.action == "shop.stop")
            for (program::Node& undo : node.undo.steps.nodes) undo.sets.clear();
    program::seal(plan);
    const auto found = problems(plan, scenarios(plan, 0, 1));
    for (const std::string& one : found) UNSCOPED_INFO(one);
    CHECK(has(found, "after the rollback node/n1.stream is stopped, not running"));
}

TEST_CASE("a rollback that stops at a point of no return undoes all that came after it") {
    const program::Plan plan = with_no_return("shop.install");
    CHECK(problems(plan, scenarios(plan, 20, 1)).empty());
    const program::Plan at_the_end = with_no_return("shop.migrate");
    CHECK(problems(at_the_end, scenarios(at_the_end, 20, 1)).empty());
}

TEST_CASE("a step after a point of no return that is undone otherwise is found") {
    program::Plan plan = with_no_return("shop.install");
    for (program::Node& node : plan.graph.nodes)
        if (node.action == "shop.start" && node.on == program::ObjectId(0))
            for (program::Node& undo : node.undo.steps.nodes) undo.sets.clear();
    program::seal(plan);
    const auto found = problems(plan, scenarios(plan, 0, 1));
    for (const std::string& one : found) UNSCOPED_INFO(one);
    CHECK_FALSE(found.empty());
}

}  // namespace pvsplan::rehearsal::test
