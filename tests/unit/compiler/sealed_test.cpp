// Compiled plans that were changed and sealed anew say of themselves what is not so.
#include <catch2/catch.hpp>

#include <algorithm>

#include "compiler/checks/again.hpp"
#include "compiler/program/codec.hpp"
#include "compiler/program/plan_env.hpp"
#include "tests/unit/compiler/project.hpp"

using namespace pvsplan;

namespace {

program::Plan one_at_a_time() {
    const auto c = test::compiled(test::shop_plan(R"yaml(steps:
  - id: each
    for_each: n in nodes
    at_most: 1
    steps:
      - {id: stop, do: shop.stop, on: n}
      - {id: start, do: shop.start, on: n}
invariants:
  - {name: one, require: always at most 1 node n with n.stream == stopped}
)yaml"));
    INFO(test::text_of(*c));
    REQUIRE(c->ok());
    return compiler::program_of(*c);
}

// What is found in the plan as somebody reads it who got its bytes.
std::string first_contradiction(program::Plan plan) {
    program::seal(plan);
    const base::Result<program::Plan> read = program::decode(program::encode(plan));
    REQUIRE(read.ok());
    const std::vector<std::string> found = checks::contradictions(*read, program::PlanEnv(*read));
    return found.empty() ? "" : found.front();
}

void drop_edges(program::Plan& plan, program::Edge::Because because) {
    std::erase_if(plan.graph.edges, [&](const program::Edge& edge) { return edge.because == because; });
}

}  // namespace

TEST_CASE("a plan as it was compiled is what it says") { CHECK(first_contradiction(one_at_a_time()).empty()); }

TEST_CASE("a plan of which an order was taken away and that was sealed again is no proved one") {
    program::Plan wide = one_at_a_time();
    drop_edges(wide, program::Edge::Because::at_most);
    CHECK(first_contradiction(wide).starts_with("`one` is violated, where the plan says `holds`: "));
    program::Plan racing = one_at_a_time();
    drop_edges(racing, program::Edge::Because::sequence);
    CHECK(first_contradiction(racing).find("neither waits for the other") != std::string::npos);
}

TEST_CASE("a requirement that is made to look as if it held, or as if nobody had decided it, is found") {
    for (const char* verdict : {"holds", "vacuous", "violated", "undecided"}) {
        program::Plan none_down = one_at_a_time();
        none_down.requirements[0].demand.number = program::Expr::literal(program::Value::integer(0));
        none_down.requirements[0].verdict = verdict;
        INFO(verdict);
        CHECK(first_contradiction(none_down).starts_with("`one` is violated"));
        none_down.requirements[0].waived_because = "tonight nobody works";
        CHECK(first_contradiction(none_down).empty());
    }
}

TEST_CASE("a step that cannot start on the farm that a plan was compiled for is found") {
    program::Plan stopped = one_at_a_time();
    for (program::Object& object : stopped.objects)
        if (object.kind == "node") object.state["stream"] = program::Value::enumerator("stopped");
    CHECK_FALSE(first_contradiction(stopped).empty());
}
