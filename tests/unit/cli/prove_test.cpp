#include <catch2/catch.hpp>

#include "runtime/cli/prove.hpp"

namespace pvsplan::cli {
namespace {

using namespace program;

ExprPtr enumerator(const char* name) { return Expr::literal(Value::enumerator(name)); }

ExprPtr stream_is(const char* name) {
    const auto on = std::make_shared<const Expr>(Expr{.op = Expr::Op::slot, .name = "on"});
    const auto state = std::make_shared<const Expr>(Expr{.op = Expr::Op::state, .name = "stream", .args = {on}});
    return std::make_shared<const Expr>(Expr{.op = Expr::Op::equal, .args = {state, enumerator(name)}});
}

// stop, then start, of one server.
Plan plan() {
    Plan plan;
    plan.objects = {
        {.id = "server/a", .kind = "server", .name = "a", .state = {{"stream", Value::enumerator("running")}}}};
    plan.actions["stop"] = {.name = "stop", .precondition = stream_is("running")};
    plan.actions["start"] = {.name = "start", .precondition = stream_is("stopped")};
    const ObjectId a(0);
    plan.graph.nodes = {{.id = "stop", .action = "stop", .on = a, .sets = {{a, "stream", enumerator("stopped")}}},
                        {.id = "start", .action = "start", .on = a, .sets = {{a, "stream", enumerator("running")}}}};
    return plan;
}

}  // namespace

TEST_CASE("what is left is proved from the states as they are") {
    CHECK(prove_left(plan(), {}).ok());
    CHECK(prove_left(plan(), {"stop", "start"}).ok());
    const auto wrong = prove_left(plan(), {"stop"});
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().text() ==
          "what is left cannot run as the farm is now: `start` on server/a requires `on.stream == stopped`");
}

TEST_CASE("what is not known is given the benefit of the doubt") {
    Plan unknown = plan();
    unknown.objects[0].state.clear();
    CHECK(prove_left(unknown, {"stop"}).ok());
    Plan guarded = plan();
    guarded.guards.push_back({.step = "stop"});
    guarded.graph.nodes[0].guard = GuardId(0);
    CHECK(prove_left(guarded, {}).ok());
}

}  // namespace pvsplan::cli
