// What expressions may ask of a run, and the unknowns that they get where nobody knows.
#include "runtime/state/env.hpp"

#include <catch2/catch.hpp>

#include "runtime/state/object_env.hpp"
#include "runtime/state/rollback_program.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

using state::Phase;
using state::RunEnv;
using Op = Expr::Op;

bool is_true(const Value& value) { return value.as_boolean() != nullptr && *value.as_boolean(); }

// Two servers, a `when` that the second server's steps carry, and a join that is no step.
Plan guarded() {
    Plan plan = test::plan(2);
    plan.guards = {{.step = "outer"}, {.step = "inner", .parent = GuardId(0)}};
    plan.graph.nodes[2].guard = plan.graph.nodes[3].guard = GuardId(1);
    plan.graph.nodes.push_back({.id = "all[s0].join", .type = Node::Type::join});
    plan.objects[0].attributes["site"] = Value::string("east");
    seal(plan);
    return plan;
}

}  // namespace

TEST_CASE("a step is within itself, its iteration and its group, and in nothing that only begins alike") {
    using state::is_within;
    for (const char* step : {"", "rest", "rest[a]", "rest[a].stop"}) CHECK(is_within("rest[a].stop", step));
    for (const char* step : {"res", "rest[a", "rest[a].st", "rest[a].stop.x", "rest[b]", "x"})
        CHECK_FALSE(is_within("rest[a].stop", step));
}

TEST_CASE("how far a step got: done, started, failed") {
    const Plan plan = guarded();
    state::RunState run(plan);
    const RunEnv env(run);
    const auto says = [&](const char* step) {
        std::string text;
        if (is_true(env.special(Op::done, step))) text += "done ";
        if (is_true(env.special(Op::started, step))) text += "started ";
        if (is_true(env.special(Op::failed, step))) text += "failed ";
        return text;
    };
    auto& nodes = run.forward.nodes;
    CHECK(says("all") == "");
    CHECK(says("nothing") == "");
    nodes[0].began = true;
    CHECK(says("all[s0]") == "started ");
    CHECK(says("all[s0].start") == "");
    nodes[0].phase = Phase::finished;
    nodes[0].began = false;  // a person said so
    CHECK(says("all[s0].stop") == "done started ");
    CHECK(says("all[s0]") == "started ");
    nodes[1].phase = Phase::finished;
    CHECK(says("all[s0]") == "done started ");  // a join is no step
    CHECK(says("all") == "started ");
    for (const Phase phase : {Phase::failed, Phase::retrying, Phase::in_doubt}) {
        nodes[2].phase = phase;
        CHECK(says("all") == "started failed ");
        CHECK(says("all[s1]") == "failed ");
    }
    for (const Phase phase : {Phase::waiting, Phase::started, Phase::unreached}) {
        nodes[2].phase = phase;
        CHECK(says("all[s1]") == "");
    }
    run.forward.guards[1] = state::Decision::holds;
    CHECK(says("all") == "started ");
    nodes[2].phase = Phase::waiting;
    run.forward.guards[0] = state::Decision::fails;  // the guard around it does not hold: it is skipped
    CHECK(says("all") == "done started ");
    CHECK(says("all[s1]") == "");  // nothing of it was done
}

TEST_CASE("states are as they were seen, else as they are known, else unknown") {
    const Plan plan = guarded();
    state::RunState run(plan);
    RunEnv env(run);
    const Value running = Value::enumerator("running");
    const Value stopped = Value::enumerator("stopped");
    const ObjectId one(0);
    CHECK(env.state(one, "stream") == running);
    CHECK(env.state(one, "version").is_unknown());
    CHECK(env.state(one, "version") == env.state(one, "version"));
    CHECK_FALSE(env.state(one, "version") == env.state(ObjectId(1), "version"));
    state::ObjectStates seen;
    seen[one]["stream"] = stopped;
    env.seen = &seen;
    CHECK(env.state(one, "stream") == stopped);
    CHECK(env.state(ObjectId(1), "stream") == running);
    run.farm[0]["version"] = Value::integer(3);
    CHECK(env.state(one, "version") == Value::integer(3));
    env.reads = RunEnv::Reads::what_is_seen;
    CHECK(env.state(one, "version").is_unknown());
    CHECK(env.state(one, "stream") == stopped);
    CHECK(env.state(ObjectId(1), "stream") == running);
    seen[one]["stream"] = Value::none();
    CHECK(env.state(one, "stream").is_unknown());
    env.reads = RunEnv::Reads::no_state;
    CHECK(env.state(ObjectId(1), "stream").is_unknown());
    env.reads = RunEnv::Reads::everything;
    env.seen = nullptr;
    run.farm[0]["stream"] = Value::none();
    CHECK(env.state(one, "stream").is_unknown());

    CHECK(env.before("stream", "").is_unknown());
    state::States before{{"stream", stopped}, {"version", Value::none()}};
    env.before_state = &before;
    CHECK(env.before("stream", "") == stopped);
    CHECK(env.before("version", "").is_unknown());
    CHECK(env.before("site", "").is_unknown());
    // Of a step of the plan it is what was known when that step started, whatever runs now.
    const std::string step = plan.graph.nodes[0].id;
    CHECK(env.before("stream", step).is_unknown());
    run.forward.nodes[0].before[plan.graph.nodes[0].on]["stream"] = running;
    CHECK(env.before("stream", step) == running);
    CHECK(env.before("stream", "no.such.step").is_unknown());
    CHECK(env.local(0).is_unknown());
    env.frame = {running};
    CHECK(env.local(0) == running);
    CHECK(env.local(1).is_unknown());
}

TEST_CASE("fixed facts are those of the farm; what an object does not have is none") {
    const Plan plan = guarded();
    const state::RunState run(plan);
    const RunEnv env(run);
    const state::ObjectEnv alone(plan, ObjectId(1));
    for (const Env* one : {static_cast<const Env*>(&env), static_cast<const Env*>(&alone)}) {
        CHECK(one->attribute(ObjectId(0), "name") == Value::string("s0"));
        CHECK(one->attribute(ObjectId(0), "site") == Value::string("east"));
        CHECK(one->attribute(ObjectId(1), "site").is_none());
    }
    CHECK(alone.local(0) == Value::object(ObjectId(1)));
    CHECK(alone.local(1).is_unknown());
    CHECK_FALSE(alone.state(ObjectId(0), "stream") == alone.state(ObjectId(0), "stream"));
}

TEST_CASE("an output is there when its step is finished, and none where it was skipped") {
    const Plan plan = guarded();
    state::RunState run(plan);
    const RunEnv env(run);
    auto& first = run.forward.nodes[0];
    first.outputs["file"] = Value::string("/b");
    CHECK(env.output("all[s0].stop", "file").is_unknown());
    first.phase = Phase::finished;
    CHECK(env.output("all[s0].stop", "file") == Value::string("/b"));
    CHECK(env.output("all[s0].stop", "other").is_unknown());
    CHECK(env.output("nothing", "file").is_unknown());
    CHECK(env.output("all[s1].stop", "file").is_unknown());
    run.forward.guards = {state::Decision::holds, state::Decision::holds};
    CHECK(env.output("all[s1].stop", "file").is_unknown());
    run.forward.guards[1] = state::Decision::fails;
    CHECK(env.output("all[s1].stop", "file").is_none());
    first.began = true;
    first.started_as = 1;
    first.ended_as = first.left_as = 2;
    run.back = state::derive_rollback(run);
    CHECK(env.output("undo:all[s0].stop", "file").is_unknown());
    run.back->state.nodes[run.back->execution.by_path.at("undo:all[s0].stop").index()].phase = Phase::finished;
    run.back->state.nodes[run.back->execution.by_path.at("undo:all[s0].stop").index()].outputs["file"] =
        Value::string("/u");
    CHECK(env.output("undo:all[s0].stop", "file") == Value::string("/u"));
    CHECK(env.output("all[s0].stop", "file") == Value::string("/b"));
}

TEST_CASE("the result of a command is known for that command only") {
    const Plan plan = guarded();
    const state::RunState run(plan);
    RunEnv env(run);
    CHECK(env.special(Op::exit_code, "").is_unknown());
    CHECK(env.special(Op::stdout_text, "").is_unknown());
    CHECK(env.json({"a"}).is_unknown());
    CHECK_FALSE(env.json({"a"}) == env.json({"b"}));
    state::CommandResult result{.exit_status = 3, .out = "W\n{\"a\": 1}\r\n\n"};
    env.result = &result;
    CHECK(env.special(Op::exit_code, "") == Value::integer(3));
    CHECK(env.special(Op::stdout_text, "") == Value::string("W\n{\"a\": 1}"));
    CHECK(env.json({"a"}) == Value::integer(1));
    CHECK(env.fault().empty());
    CHECK(env.json({"other"}).is_none());
    CHECK(env.fault() == "in the JSON that it printed, there is no `other`; its members are `a`");
    result.is_cut = true;
    CHECK(env.special(Op::stdout_text, "").is_none());
    CHECK(env.fault() == "it printed more than is kept, and a part of it was dropped");
    result = {.out = "\n\n"};
    CHECK(env.special(Op::stdout_text, "") == Value::string(""));
    CHECK(env.json({"a"}).is_none());
    CHECK(env.fault() == "it printed nothing");
}

TEST_CASE("a `when` holds if it and all around it do, and an iteration is abandoned with the outermost around it") {
    using state::Decision;
    Plan plan = guarded();
    plan.instances = {
        {.path = "a", .loop = "l"}, {.path = "b", .loop = "m", .parent = InstanceId(0)}, {.path = "c", .loop = "l"}};
    plan.graph.nodes[0].instance = InstanceId(1);
    seal(plan);
    state::RunState run(plan);
    for (const Decision outer : {Decision::open, Decision::holds, Decision::fails})
        for (const Decision inner : {Decision::open, Decision::holds, Decision::fails}) {
            run.forward.guards = {outer, inner};
            const bool fails = outer == Decision::fails || inner == Decision::fails;
            const bool is_open = outer == Decision::open || inner == Decision::open;
            CHECK(state::decision_of(run.execution, run.forward, GuardId(1)) == (fails     ? Decision::fails
                                                                                 : is_open ? Decision::open
                                                                                           : Decision::holds));
            CHECK(state::decision_of(run.execution, run.forward, GuardId(0)) == outer);
        }
    const auto around = [&](std::uint32_t i) {
        return state::abandoned_around(run.execution, run.forward, InstanceId(i));
    };
    CHECK_FALSE(around(1));
    run.forward.abandoned[1] = 5;
    CHECK(around(1) == InstanceId(1));
    CHECK_FALSE(around(0));
    run.forward.abandoned[0] = 6;
    CHECK(around(1) == InstanceId(0));
    CHECK_FALSE(around(2));
    CHECK(run.execution.of_instance[1] == std::vector{NodeId(0)});
    CHECK(run.execution.instance_children[0] == std::vector{InstanceId(1)});
    CHECK(run.execution.iteration_by_path.at("c") == InstanceId(2));
    CHECK(run.execution.action(run.execution.node(NodeId(0)))->name == "stop");
    CHECK(run.execution.action(run.execution.node(NodeId(4))) == nullptr);
}

}  // namespace pvsplan::engine::test
