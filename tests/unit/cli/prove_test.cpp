#include <catch2/catch.hpp>

#include "runtime/cli/prove.hpp"

namespace pvsplan::cli {
namespace {

using namespace program;
using state::Phase;

ExprPtr make(Expr expr) { return std::make_shared<const Expr>(std::move(expr)); }
ExprPtr enumerator(const char* name) { return Expr::literal(Value::enumerator(name)); }
ExprPtr stream_is(const char* name) {
    const ExprPtr on = make({.op = Expr::Op::local, .name = "s"});
    return make({.op = Expr::Op::equal,
                 .args = {make({.op = Expr::Op::state, .name = "stream", .args = {on}}), enumerator(name)}});
}

const ObjectId a(0);
const ObjectId b(1);

// stop[x], upgrade[x], start[x] of two servers, one after the other.
Plan plan() {
    Plan plan;
    plan.kinds["server"] = {
        .name = "server", .plural = "servers", .state = {{"stream", Type::enumeration({"running", "stopped"}), {}}}};
    for (const char* name : {"a", "b"})
        plan.objects.push_back({.id = std::string("server/") + name,
                                .kind = "server",
                                .name = name,
                                .state = {{"stream", Value::enumerator("running")}}});
    plan.actions["stop"] = {.name = "stop", .precondition = stream_is("running")};
    plan.actions["upgrade"] = {.name = "upgrade"};
    plan.actions["start"] = {.name = "start", .precondition = stream_is("stopped")};
    for (const ObjectId on : {a, b}) {
        const std::string of = "[" + plan.objects[on.index()].name + "]";
        plan.graph.nodes.push_back(
            {.id = "stop" + of, .action = "stop", .on = on, .sets = {{on, "stream", enumerator("stopped")}}});
        plan.graph.nodes.push_back({.id = "upgrade" + of, .action = "upgrade", .on = on, .does = {{"upgrade", on}}});
        plan.graph.nodes.push_back(
            {.id = "start" + of, .action = "start", .on = on, .sets = {{on, "stream", enumerator("running")}}});
    }
    for (std::size_t i = 0; i + 1 < plan.graph.nodes.size(); ++i)
        plan.graph.edges.push_back({NodeId(i), NodeId(i + 1)});
    return plan;
}

Requirement once_each() {
    return {.name = "Once",
            .require = "exactly 1 upgrade(server s) per s",
            .demand = Demand{.form = Demand::Form::count,
                             .number = Expr::literal(Value::integer(1)),
                             .left = EventDemand{"upgrade", "server", nullptr, make({.op = Expr::Op::local})}}};
}
Requirement one_down() {
    return {.name = "One down",
            .demand = Demand{.form = Demand::Form::always,
                             .bound = Demand::Bound::at_most,
                             .number = Expr::literal(Value::integer(1)),
                             .state = StateDemand{"server", stream_is("stopped"), nullptr, "down(server)"}}};
}
Requirement while_down() {
    return {.name = "While down",
            .demand = Demand{.form = Demand::Form::during,
                             .left = EventDemand{"upgrade", "server", nullptr, nullptr},
                             .state = StateDemand{"server", stream_is("stopped"), nullptr, "down(server)"},
                             .same_object = true}};
}

// A run in which the first `count` steps are over, and the servers are as those have left them.
state::RunState after(const Plan& plan, std::size_t count) {
    state::RunState run(plan);
    for (std::size_t i = 0; i < count; ++i) {
        run.forward.nodes[i].phase = Phase::finished;
        run.forward.nodes[i].started_as = run.forward.nodes[i].done_after = 2 * i + 2;
        run.forward.nodes[i].ended_as = 2 * i + 3;
        for (const Setting& set : plan.graph.nodes[i].sets)
            run.farm[set.object.index()].insert_or_assign(set.attribute, set.value->value);
    }
    return run;
}

}  // namespace

TEST_CASE("at every point of a run the proofs of its plan hold for the remaining steps") {
    Plan plan = cli::plan();
    plan.requirements = {once_each(), one_down(), while_down()};
    for (std::size_t count = 0; count <= plan.graph.nodes.size(); ++count) {
        CAPTURE(count);
        const checks::Again again = prove_left(after(plan, count), {});
        CHECK(again.broken == std::vector<std::string>{});
        CHECK(again.undecided == std::vector<std::string>{});
    }
}

TEST_CASE("the remaining steps are proved from the current states") {
    const Plan plan = cli::plan();
    state::RunState run = after(plan, 2);
    run.farm[0]["stream"] = Value::enumerator("running");  // somebody has started it
    const checks::Again again = prove_left(run, {});
    REQUIRE(again.broken.size() == 1);
    CHECK(again.broken[0].starts_with("`start[a]` cannot start: it requires "));
}

TEST_CASE("a step that runs again and may have been done counts twice, wherever it is") {
    Plan plan = cli::plan();
    plan.requirements = {once_each()};
    for (const std::size_t i : {1U, 4U}) {
        CHECK(prove_left(after(plan, i), {}).broken.empty());
        const checks::Again again = prove_left(after(plan, i), {.may_have_happened = {NodeId(i)}});
        REQUIRE(again.broken.size() == 1);
        CHECK(again.broken[0].starts_with("`Once` would be violated: "));
    }
    plan.requirements[0].waived_because = "known";
    CHECK(prove_left(after(plan, 1), {.may_have_happened = {NodeId(1)}}).broken.empty());
}

TEST_CASE("a state that an operator brought about can break a requirement") {
    Plan plan = cli::plan();
    plan.requirements = {one_down()};
    state::RunState run = after(plan, 3);
    CHECK(prove_left(run, {}).broken.empty());
    run.farm[0]["stream"] = Value::enumerator("stopped");  // a is down, and b is about to go down
    const checks::Again again = prove_left(run, {});
    REQUIRE(again.broken.size() == 1);
    CHECK(again.broken[0].starts_with("`One down` would be violated: "));
}

TEST_CASE("a step that an operator says is done before its time breaks the order") {
    Plan plan = cli::plan();
    plan.actions["check"] = {.name = "check"};
    plan.graph.nodes[0].does = {{"stop", a}};
    plan.requirements = {{.name = "Stopped first",
                          .demand = Demand{.form = Demand::Form::before,
                                           .left = EventDemand{"stop", "server", nullptr, nullptr},
                                           .right = EventDemand{"upgrade", "server", nullptr, nullptr}}}};
    state::RunState run(plan);
    CHECK(prove_left(run, {}).broken.empty());
    run.forward.nodes[1].phase = Phase::finished;
    CHECK(prove_left(run, {}).broken.size() == 1);
}

// `upgrade[b]` was abandoned, others went on, and then a person did it, begun before or not.
TEST_CASE("what is over has happened in the order of its records, not in that of the plan") {
    Plan plan = cli::plan();
    plan.graph.nodes[2].does = {{"start", a}};
    plan.requirements = {{.name = "Started again",
                          .demand = Demand{.form = Demand::Form::then,
                                           .left_quantifier = Demand::Quantifier::every,
                                           .right_quantifier = Demand::Quantifier::some,
                                           .left = EventDemand{"upgrade", "server", nullptr, nullptr},
                                           .right = EventDemand{"start", "server", nullptr, nullptr}}}};
    plan.graph.nodes[5].does = {{"start", b}};
    state::RunState run = after(plan, 6);
    CHECK(prove_left(run, {}).broken.empty());
    for (const bool had_begun : {false, true}) {
        run = after(plan, 6);
        state::NodeState& late = run.forward.nodes[4];
        late.ended_as = 20;
        if (!had_begun) late.done_after = 20;
        const checks::Again again = prove_left(run, {});
        REQUIRE(again.broken.size() == 1);
        CHECK(again.broken[0].starts_with("`Started again` would be violated: "));
    }
}

TEST_CASE("an unknown state makes a requirement undecided") {
    Plan plan = cli::plan();
    plan.requirements = {one_down(), {.name = "Old", .require = "never stop(server)"}};
    state::RunState run = after(plan, 3);
    run.farm[0].erase("stream");
    const checks::Again again = prove_left(run, {});
    CHECK(again.broken.empty());
    REQUIRE(again.undecided.size() == 2);
    CHECK(again.undecided[0].starts_with("`One down` cannot be decided: "));
    CHECK(again.undecided[1] == "`Old` cannot be decided: the compiled plan has its text only");
}

TEST_CASE("what was proved and cannot be decided any more does not hold on every way") {
    for (const char* verdict : {"holds", "vacuous", "undecided", "violated", ""}) {
        CAPTURE(verdict);
        Plan plan = cli::plan();
        plan.requirements = {one_down()};
        plan.requirements[0].verdict = verdict;
        state::RunState run = after(plan, 3);
        run.farm[0].erase("stream");
        const bool was_proved = std::string_view(verdict) == "holds" || std::string_view(verdict) == "vacuous";
        const checks::Again again = prove_left(run, {});
        CHECK(again.broken.size() == (was_proved ? 1 : 0));
        CHECK(again.undecided.size() == (was_proved ? 0 : 1));
        if (was_proved) CHECK(again.broken[0].starts_with("`One down` was proved, and may be violated now: "));
    }
}

TEST_CASE("what is broken is told with its reason, and what would decide it with its name") {
    Plan plan = cli::plan();
    plan.requirements = {one_down()};
    state::RunState run = after(plan, 3);
    run.farm[0]["stream"] = Value::enumerator("stopped");
    CHECK(prove_left(run, {}).broken[0].find("it is asked because") == std::string::npos);
    plan.requirements[0].because = "two are too many";
    run = after(plan, 3);
    run.farm[0]["stream"] = Value::enumerator("stopped");
    CHECK(prove_left(run, {}).broken[0].ends_with(" (it is asked because: two are too many)"));
}

TEST_CASE("a requirement on a kind that the plan has not cannot be decided") {
    const EventDemand known{"upgrade", "server", nullptr, nullptr};
    const EventDemand ghost{"upgrade", "ghost", nullptr, nullptr};
    Requirement left{.name = "r", .demand = Demand{.form = Demand::Form::before, .left = ghost, .right = known}};
    Requirement right{.name = "r", .demand = Demand{.form = Demand::Form::before, .left = known, .right = ghost}};
    Requirement state = one_down();
    state.name = "r";
    state.demand.state->kind = "ghost";
    for (const Requirement& r : {left, right, state}) {
        Plan plan = cli::plan();
        plan.requirements = {r};
        const checks::Again again = prove_left(after(plan, 1), {});
        CHECK(again.broken.empty());
        CHECK(again.undecided ==
              std::vector<std::string>{"`r` cannot be decided: the compiled plan has its text only"});
    }
}

// A policy that is imposed twice asks the same text of different numbers.
TEST_CASE("requirements of one text are each decided") {
    Plan plan = cli::plan();
    plan.requirements = {one_down(), one_down()};
    plan.requirements[1].demand.number = Expr::literal(Value::integer(0));
    const checks::Again again = prove_left(after(plan, 0), {});
    REQUIRE(again.broken.size() == 1);
    CHECK(again.broken[0].starts_with("`One down` would be violated: "));
}

TEST_CASE("a step that cannot start is told without a way out, which only the text of the plan has") {
    Plan plan = cli::plan();
    plan.actions["stop"].sets = {{make({.op = Expr::Op::local, .name = "s"}), "stream", enumerator("stopped")}};
    plan.actions["stop"].sets[0].object = Expr::literal(Value::object(a));
    state::RunState run = after(plan, 2);
    run.farm[0]["stream"] = Value::enumerator("running");
    CHECK(prove_left(run, {}).broken.size() == 1);
}

TEST_CASE("a step that compares with its argument is proved from the current states") {
    Plan plan = cli::plan();
    plan.kinds["server"].state.push_back({"level", Type::of(Type::Category::integer), {}});
    plan.actions["upgrade"].parameters = {{.name = "to", .type = Type::of(Type::Category::integer)}};
    const ExprPtr on = make({.op = Expr::Op::local, .name = "on"});
    const ExprPtr level = make({.op = Expr::Op::state, .name = "level", .args = {on}});
    Expr to{.op = Expr::Op::local, .name = "to"};
    to.local = 1;
    const ExprPtr argument = make(std::move(to));
    plan.actions["upgrade"].precondition = make({.op = Expr::Op::less, .args = {level, argument}});
    for (std::size_t i = 0; i < 2; ++i) {
        plan.objects[i].state["level"] = Value::integer(3);
        plan.graph.nodes[3 * i + 1].with = {Expr::literal(Value::integer(i == 0 ? 3 : 4))};
    }
    state::RunState run(plan);
    for (std::size_t i = 0; i < 2; ++i) run.farm[i].insert_or_assign("level", Value::integer(3));
    const checks::Again again = prove_left(run, {});
    REQUIRE(again.broken.size() == 1);
    CHECK(again.broken[0].starts_with("`upgrade[a]` cannot start: it requires "));
}

TEST_CASE("a running step begins from the state before it") {
    Plan plan = cli::plan();
    plan.requirements = {one_down()};
    state::RunState run = after(plan, 3);
    run.forward.nodes[3].phase = Phase::in_doubt;  // stop[b]
    run.forward.nodes[3].before_attempt[b]["stream"] = Value::enumerator("running");
    run.farm[1].erase("stream");
    const checks::Again again = prove_left(run, {});
    CHECK(again.broken.empty());
    CHECK(again.undecided.empty());
}

TEST_CASE("what an abandoned iteration took down is down until the end") {
    Plan plan = cli::plan();
    plan.requirements = {one_down()};
    for (const std::uint32_t i : {0U, 1U}) {
        plan.instances.push_back({.path = i == 0 ? "[a]" : "[b]", .loop = "all", .max_failures = 1});
        for (std::size_t n = 3 * i; n < 3 * i + 3; ++n) plan.graph.nodes[n].instance = InstanceId(i);
    }
    state::RunState run = after(plan, 2);
    run.forward.nodes[2].phase = Phase::failed;  // start[a]: a stays down while b goes down
    run.forward.abandoned[0] = 1;
    const checks::Again again = prove_left(run, {});
    REQUIRE(again.broken.size() == 1);
    CHECK(again.broken[0].starts_with("`One down` would be violated: "));
}

}  // namespace pvsplan::cli
