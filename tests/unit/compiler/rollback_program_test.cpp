// Rollback is proved of the program that runs: of its order and its conditions, of what reads `before` in it, and of
// what steps outside of a group have done. What is not known is never taken for the same.
#include <catch2/catch.hpp>

#include "compiler/program/codec.hpp"
#include "tests/unit/compiler/project.hpp"

using namespace pvsplan;

namespace {

std::string findings(const std::string& steps, const std::string& head = "") {
    const test::Project project(
        {{"toy.yaml", test::undo_module},
         {"farm.yaml",
          "farm: f\nuses: [./toy.yaml]\nnodes:\n  - {name: n0, state: {a: x, b: x, n: 1}, peers: [n1]}\n"
          "  - {name: n1, state: {a: y, b: x}}\n"},
         {"plan.yaml", "plan: p\nuses: [./toy.yaml]\nfarm: ./farm.yaml\n" + head + "steps:\n" + steps}});
    const auto c = test::compiled(project);
    INFO(test::text_of(*c));
    CHECK(c->has_graph);
    // Whatever can be compiled has a program that can be read again.
    if (c->ok() && c->open_parameters.empty()) CHECK(program::decode(program::encode(compiler::program_of(*c))).ok());
    return test::findings_of(*c) + (c->rollback && c->rollback->complete ? " complete" : "");
}

std::string step(const std::string& action, const std::string& node = "nodes[0]") {
    return "  - {do: toy." + action + ", on: \"" + node + "\"}\n";
}

}  // namespace

TEST_CASE("a condition in an undo is a part of the program, and is proved with it") {
    CHECK(findings(step("sometimes")) == " complete");
    CHECK(findings(step("sometimes", "nodes[1]")) == "PV5009");  // it was y, and may be z if it failed
    CHECK(findings("  - {do: toy.a, on: \"nodes[0]\", with: {v: z}}\n" + step("sometimes")) == "PV5001");
}

TEST_CASE("steps of an undo that have no order do not touch one state") {
    CHECK(findings(step("race")) == "PV5008");
    CHECK(findings("  - {do: toy.both, on: \"nodes[0]\", with: {v: y}}\n") == " complete");
}

TEST_CASE("steps of a recover that have no order do not touch one state") {
    const std::string group = "  - id: group\n    steps: [{do: toy.a, on: \"nodes[0]\", with: {v: y}}]\n    recover:\n";
    CHECK(findings(group + "      - parallel: [{do: toy.a, on: \"nodes[0]\", with: {v: z}}, "
                           "{do: toy.a, on: \"nodes[0]\", with: {v: x}}]\n") == "PV5007");
    CHECK(findings(group + "      - parallel: [{do: toy.a, on: \"nodes[0]\", with: {v: x}}, "
                           "{do: toy.b, on: \"nodes[0]\", with: {v: x}}]\n") == " complete");
}

TEST_CASE("an undo that lacks an object for one of its steps is an error of the plan") {
    CHECK(findings(step("peer")) == " complete");
    CHECK(findings(step("peer") + step("peer", "nodes[1]")) == "PV2064");
}

TEST_CASE("`before` in what a step of an undo sets is of that step") {
    CHECK(findings(step("inc")) == "PV5005");  // n + 1 - 1 is not computed with what is not known
    CHECK(findings("  - id: g\n    steps: [{do: toy.a, on: \"nodes[0]\", with: {v: y}}]\n"
                   "    recover: [{do: toy.a, on: \"nodes[0]\", with: {v: x}}, {do: toy.dec, on: \"nodes[0]\"}]\n") ==
          "PV5003");
}

TEST_CASE("values of different moments and of different questions are not the same") {
    // It grew twice; each time by as much.
    CHECK(findings(step("grow")) == "PV5005");
    CHECK(findings(step("grow") + step("grow")) == "PV5005");
    CHECK(findings("  - {do: toy.need, on: \"nodes[1]\", with: {v: \"${v}\"}}\n", "parameters: {v: {type: int}}\n") ==
          "PV3104 complete");
}

TEST_CASE("a recover knows what has become of steps outside of its group") {
    const std::string group =
        "  - id: two\n    steps: [{id: three, do: toy.a, on: \"nodes[0]\", with: {v: y}}]\n"
        "    recover: [{do: toy.a, on: \"nodes[0]\", when: \"";
    const std::string end = "\", with: {v: x}}]\n";
    const std::string one = "  - {id: one, do: toy.look, on: \"nodes[0]\"}\n";
    const std::string last = "  - {id: last, do: toy.look, on: \"nodes[0]\"}\n";
    CHECK(findings(one + group + "done(one)" + end) == " complete");
    CHECK(findings(group + "not started(last)" + end + last) == " complete");
    CHECK(findings(group + "started(last)" + end + last) == "PV5003");
}

TEST_CASE("a step that was skipped while compiling is not done") {
    const std::string group =
        "  - id: two\n    steps:\n      - {id: three, do: toy.a, on: \"nodes[0]\", with: {v: y}}\n"
        "      - {id: four, do: toy.b, on: \"nodes[0]\", with: {v: y}, when: deep}\n"
        "    recover:\n      - {do: toy.a, on: \"nodes[0]\", with: {v: x}}\n"
        "      - {do: toy.b, on: \"nodes[0]\", when: \"done(four)\", with: {v: y}}\n";
    const std::string deep = "parameters: {deep: {type: bool, default: false}}\n";
    CHECK(findings(group, deep) == " complete");
    const test::Project project(
        {{"toy.yaml", test::undo_module},
         {"farm.yaml", "farm: f\nuses: [./toy.yaml]\nnodes: [{name: n0, state: {a: x, b: x}}]\n"},
         {"plan.yaml", "plan: p\nuses: [./toy.yaml]\nfarm: ./farm.yaml\n" + deep + "steps:\n" + group}});
    const auto plan = compiler::program_of(*test::compiled(project));
    REQUIRE(plan.recoveries.size() == 1);
    REQUIRE(plan.recoveries[0].guards.size() == 1);
    // The run answers what was proved: there is no such step, so it is not done.
    CHECK(plan.recoveries[0].guards[0].condition->op == program::Expr::Op::done);
}
