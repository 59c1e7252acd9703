// What steps put out: who reads it, what becomes of it where it is missing or fits nobody, and in which words.
#include "runtime/engine/outputs.hpp"

#include <catch2/catch.hpp>

#include "runtime/engine/missing.hpp"
#include "runtime/engine/output_readers.hpp"
#include "runtime/state/rollback_program.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

using state::Decision;
using state::Phase;

ExprPtr output_of_step(const char* step, const char* name) {
    return program::make_expr({.op = Expr::Op::output, .name = name, .step = step});
}
ExprPtr local_named(std::uint32_t number, const char* name) {
    return program::make_expr({.op = Expr::Op::local, .local = number, .name = name});
}

// `put` puts out `code` and `other`; `use` and `end` come after it.
Plan putting_plan(const std::function<void(Plan&)>& change = {}) {
    Plan plan = test::plan(1);
    plan.objects[0].connect = {{"over", Value::enumerator("ssh")}};
    plan.actions["put"] = {.name = "put", .run = {.type = Body::Type::command}};
    plan.actions["put"].outputs["code"] = program::make_expr({.op = Expr::Op::exit_code});
    plan.actions["put"].outputs["other"] = program::make_expr({.op = Expr::Op::exit_code});
    plan.actions["use"] = {.name = "use", .run = {.type = Body::Type::command}};
    plan.actions["use"].parameters = {{"first", Type::of(Type::Category::integer)},
                                      {"second", Type::of(Type::Category::integer)}};
    plan.graph.nodes = {{.id = "put", .action = "put", .on = ObjectId(0)},
                        {.id = "use", .action = "use", .on = ObjectId(0)},
                        {.id = "end", .action = "use", .on = ObjectId(0)}};
    plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)}, {.from = NodeId(1), .to = NodeId(2)}};
    if (change) change(plan);
    return plan;
}

std::string readers_told(const state::RunState& run) {
    std::string text;
    for (const OutputReader& one : output_readers(run, NodeId(0))) text += one.output + " by " + one.who + "; ";
    return text;
}
std::string readers_told(const Plan& plan, const std::function<void(state::RunState&)>& change = {}) {
    state::RunState run(plan);
    if (change) change(run);
    return readers_told(run);
}

}  // namespace

TEST_CASE("outputs: whoever still reads one is found, each output once") {
    const auto code = output_of_step("put", "code");
    CHECK(readers_told(putting_plan()) == "");
    CHECK(readers_told(putting_plan([&](Plan& plan) { plan.graph.nodes[1].with = {code}; })) == "code by `use`; ");
    CHECK(readers_told(putting_plan([&](Plan& plan) {
              plan.graph.nodes[1].with = {nullptr, code};
              plan.graph.nodes[2].with = {code, output_of_step("put", "other")};
          })) == "code by `use`; other by `end`; ");
    CHECK(readers_told(putting_plan([&](Plan& plan) { plan.graph.nodes[1].with = {output_of_step("end", "code")}; })) ==
          "");
    CHECK(readers_told(putting_plan([&](Plan& plan) {
              plan.graph.nodes[1].sets = {{ObjectId(0), "stream", code}};
          })) == "code by `use`; ");
    CHECK(readers_told(putting_plan([&](Plan& plan) {
              plan.graph.nodes[0].undo.steps.nodes = {{.id = "back", .action = "use", .with = {code}}};
          })) == "code by the rollback of `put`; ");
    const auto undone = [&](Plan& plan) {
        plan.graph.nodes[1].undo = {.type = Undo::Type::steps};
        plan.graph.nodes[1].undo.steps.nodes = {{.id = "back", .action = "use", .with = {code}}};
    };
    CHECK(readers_told(putting_plan(undone)) == "code by the rollback of `use`; ");
    CHECK(readers_told(putting_plan([&](Plan& plan) {
              plan.recoveries.push_back({.group = "", .covers = {NodeId(0)}});
              plan.recoveries[0].steps.nodes = {{.id = "back", .action = "use", .with = {code}}};
          })) == "code by `recover`; ");
    CHECK(readers_told(putting_plan([&](Plan& plan) {
              plan.recoveries.push_back({.group = "", .covers = {NodeId(0)}});
              plan.recoveries[0].guards = {{.step = "back", .condition = output_of_step("put", "other")}};
          })) == "other by `recover`; ");
    // On a simulated object nothing is printed, and what puts out nothing is read by nobody.
    CHECK(readers_told(putting_plan([&](Plan& plan) {
              plan.graph.nodes[1].with = {code};
              plan.objects[0].connect.clear();
          })) == "");
    CHECK(readers_told(putting_plan([&](Plan& plan) {
              plan.graph.nodes[1].with = {code};
              plan.actions["put"].outputs.clear();
          })) == "");
    CHECK(readers_told(putting_plan([&](Plan& plan) {
              plan.graph.nodes[1].with = {code};
              plan.actions.erase("put");
          })) == "");
}

TEST_CASE("outputs: what is over or left out reads nothing any more, nor does a condition that is decided") {
    for (const Phase phase : {Phase::waiting, Phase::finished, Phase::failed})
        for (const Decision decision : {Decision::open, Decision::holds, Decision::fails})
            for (const bool has_guard : {false, true}) {
                const Plan asked = putting_plan([&](Plan& plan) {
                    plan.guards = {{.step = "end", .condition = output_of_step("put", "other")}};
                    plan.graph.nodes[1].with = {output_of_step("put", "code")};
                    if (has_guard) plan.graph.nodes[1].guard = GuardId(0);
                });
                const std::string found = readers_told(asked, [&](state::RunState& run) {
                    run.forward.nodes[1].phase = phase;
                    run.forward.guards[0] = decision;
                });
                std::string expected;
                if (phase != Phase::finished && !(has_guard && decision == Decision::fails))
                    expected += "code by `use`; ";
                if (decision == Decision::open) expected += "other by the `when` of `end`; ";
                CHECK(found == expected);
            }
}

TEST_CASE("outputs: whether a step is done is asked without its outputs") {
    CHECK(readers_told(putting_plan([](Plan& plan) {
              program::RecoverSteps recovery{.group = "all", .covers = {NodeId(0)}};
              recovery.guards = {{.step = "repair", .condition = make_expr({.op = Expr::Op::done, .step = "put"})}};
              plan.recoveries.push_back(std::move(recovery));
          })) == "");
}

TEST_CASE("outputs: what was left with its iteration reads nothing ahead, but may be undone") {
    const auto read = [](const char* name) { return output_of_step("put", name); };
    Plan plan = putting_plan([&](Plan& changed) {
        changed.instances = {{.path = "all[s0]", .loop = "all"}, {.path = "all[s1]", .loop = "all"}};
        changed.graph.nodes[1] = {.id = "all[s0].use", .action = "use", .with = {read("a")}};
        changed.graph.nodes[2] = {.id = "all[s0]x.use", .action = "use", .with = {read("b")}};
        changed.guards = {{.step = "all[s0]", .condition = read("c")}, {.step = "all[s1]", .condition = read("d")}};
    });
    const auto told = [&](bool is_ahead) {
        state::RunState run(plan);
        run.forward.abandoned[0] = 1;
        std::string text;
        for (const OutputReader& one : is_ahead ? output_readers_ahead(run, NodeId(0)) : output_readers(run, NodeId(0)))
            text += one.output;
        return text;
    };
    CHECK(told(true) == "bd");
    CHECK(told(false) == "abcd");
    for (Object& object : plan.objects) object.connect.clear();  // the simulated farm prints nothing
    CHECK(told(true) == "");
}

TEST_CASE("outputs: what fits none of those that read it fails where it was put out") {
    const auto value_of = [](const Plan& plan) {
        const state::RunState run(plan);
        const Prepared prepared{.frame = {Value::object(ObjectId(0))}};
        const state::CommandResult result{.exit_status = 3, .out = "text"};
        const auto outputs = outputs_of(run, NodeId(0), {prepared, result, {}}, RunRedactor());
        return outputs.ok() ? outputs->at("code") : outputs.error().text();
    };
    const auto takes = [](Plan& plan, std::size_t parameter, Type::Category category) {
        plan.actions["use"].parameters[parameter].type = Type::of(category);
    };
    const std::string printed = R"("3")";
    CHECK(value_of(putting_plan()) == printed);
    const auto with = [&](std::vector<ExprPtr> values, std::size_t parameter, Type::Category category) {
        return value_of(putting_plan([&](Plan& plan) {
            plan.graph.nodes[1].with = std::move(values);
            takes(plan, parameter, category);
        }));
    };
    const auto code = output_of_step("put", "code"), other = output_of_step("put", "other"),
               foreign = output_of_step("end", "code");
    CHECK(with({nullptr, code}, 1, Type::Category::integer) == printed);
    CHECK(with({nullptr, code}, 1, Type::Category::boolean)
              .starts_with("its output `code` is taken by `use` as its `second`"));
    CHECK(with({code, nullptr}, 1, Type::Category::boolean) == printed);
    CHECK(with({nullptr, foreign}, 1, Type::Category::boolean) == printed);
    CHECK(with({nullptr, Expr::literal(Value::integer(3))}, 1, Type::Category::boolean) == printed);
    CHECK(with({nullptr, other}, 1, Type::Category::boolean).starts_with("its output `other` is taken by `use`"));
    CHECK(with({nullptr, nullptr, code}, 1, Type::Category::boolean) == printed);  // one that it has not
    const auto simulated = [](Plan plan) {
        for (Object& object : plan.objects) object.connect.clear();
        return plan;
    };
    CHECK(value_of(simulated(putting_plan())) == printed);
    CHECK(value_of(simulated(putting_plan([](Plan& plan) {
              plan.actions["put"].output_types["code"] = Type::of(Type::Category::boolean);
          }))) == "null");
    // Only those that come right behind it are asked; what is printed as text is told as text.
    const Plan far = putting_plan([&](Plan& plan) {
        plan.graph.nodes[2].with = {code};
        takes(plan, 0, Type::Category::boolean);
    });
    CHECK(value_of(far) == printed);
    CHECK(value_of(putting_plan([](Plan& plan) {
              plan.actions["put"].output_types["code"] = Type::of(Type::Category::boolean);
          })).starts_with("its output `code` is `3`, which is no "));
}

TEST_CASE("outputs: one may tell what was before the step") {
    const Plan plan = putting_plan([](Plan& changed) {
        changed.actions["put"].outputs["code"] = make_expr({.op = Expr::Op::before, .name = "stream"});
    });
    const state::RunState run(plan);
    Prepared prepared{.frame = {Value::object(ObjectId(0))}};
    const state::CommandResult result{.out = "text"};
    CHECK_FALSE(outputs_of(run, NodeId(0), {prepared, result, {}}, RunRedactor()).ok());
    prepared.before[ObjectId(0)]["stream"] = Value::enumerator("running");
    CHECK(outputs_of(run, NodeId(0), {prepared, result, {}}, RunRedactor())->at("code") == R"({"enum": "running"})");
}

TEST_CASE("missing: while a run goes back, what its steps have put out is known as before") {
    Plan plan = putting_plan();
    plan.graph.nodes[1].undo = {.type = Undo::Type::steps};
    plan.graph.nodes[1].undo.steps.nodes = {{.id = "back", .action = "use", .on = ObjectId(0)}};
    seal(plan);
    state::RunState run(plan);
    for (std::uint32_t i = 0; i < 2; ++i) {
        run.forward.nodes[i].phase = Phase::finished;
        run.forward.nodes[i].began = true;
        run.forward.nodes[i].started_as = 2 * i + 1;
        run.forward.nodes[i].ended_as = run.forward.nodes[i].left_as = 2 * i + 2;
    }
    run.back = state::derive_rollback(run);
    const auto why = [&](const char* step) {
        return why_missing(*output_of_step(step, "code"), run, state::RunEnv(run));
    };
    CHECK(why("put") == "`put` is done, but nobody saw its `code`: it was not read off its command");
    CHECK(why("undo:use") == "`undo:use` is waiting, so that it has no `code`");
}

TEST_CASE("missing: why a value is not there, in words") {
    Plan plan = putting_plan();
    plan.guards = {{.step = "end", .condition = Expr::literal(Value::boolean(true))}};
    plan.graph.nodes[2].guard = GuardId(0);
    seal(plan);
    state::RunState run(plan);
    const auto why = [&](const ExprPtr& expr) { return missing_text(*expr, run, state::RunEnv(run)); };
    const auto end = output_of_step("end", "code"), put = output_of_step("put", "code");
    const auto state = program::make_expr(
        {.op = Expr::Op::state, .name = "level", .args = {Expr::literal(Value::object(ObjectId(0)))}});
    CHECK(why(put).ends_with(": `put` is waiting, so that it has no `code`"));
    CHECK(why(output_of_step("nothing", "code")).ends_with(": `nothing` has not run"));
    run.forward.nodes[0].phase = Phase::failed;
    CHECK(why(put).ends_with(": `put` is failed, so that it has no `code`"));
    run.forward.nodes[0].phase = Phase::finished;
    CHECK(why(put).ends_with(": `put` is done, but nobody saw its `code`: it was not read off its command"));
    run.forward.nodes[0].outputs["code"] = Value::none();
    CHECK(why(put).ends_with(": `put` was simulated, so that nobody knows its `code`"));
    run.forward.nodes[0].phase = Phase::failed;  // of an attempt before
    CHECK(why(put).ends_with(": `put` is failed, so that it has no `code`"));
    run.forward.guards[0] = Decision::holds;
    CHECK(why(end).ends_with(": `end` is waiting, so that it has no `code`"));
    run.forward.guards[0] = Decision::fails;
    CHECK(why(end).ends_with(": `end` was skipped, so that it has no `code`"));
    CHECK(why(state).ends_with(": server/s0.level is not known: no observation tells it"));
    const auto on_none = program::make_expr({.op = Expr::Op::state, .name = "level", .args = {local_named(0, "on")}});
    CHECK(why(on_none).ends_with(": `on` has no value"));
    const auto port = program::make_expr(
        {.op = Expr::Op::attribute, .name = "port", .args = {Expr::literal(Value::object(ObjectId(0)))}});
    CHECK(why(port).ends_with(": server/s0 has no `port`"));
    const auto before = program::make_expr({.op = Expr::Op::before, .name = "stream"});
    CHECK(why(before).ends_with(": nobody knew `stream` before the step"));
    CHECK(why(local_named(3, "count")).ends_with(": `count` has no value"));
    // The first part that is missing is told, and only what is missing.
    const auto stream = program::make_expr(
        {.op = Expr::Op::state, .name = "stream", .args = {Expr::literal(Value::object(ObjectId(0)))}});
    const auto both = program::make_expr({.op = Expr::Op::logical_and, .args = {stream, end, put}});
    CHECK(why(both).ends_with(": `end` was skipped, so that it has no `code`"));
    CHECK(why(stream) == "`" + program::to_text(*stream, program::PlanNames(plan)) + "`");
    // What only holds a part that is missing is no reason by itself, and what is of no object has none.
    const auto same =
        program::make_expr({.op = Expr::Op::equal, .args = {Expr::literal(Value::object(ObjectId(0))), end}});
    CHECK(why(same).ends_with(": `end` was skipped, so that it has no `code`"));
    const auto of_none = program::make_expr(
        {.op = Expr::Op::state, .name = "level", .args = {Expr::literal(Value::object(ObjectId()))}});
    CHECK(why_missing(*of_none, run, state::RunEnv(run)) == "");

    const ExprPtr literal = Expr::literal(Value::none());
    CHECK_FALSE(is_missing(Value::none(), *literal));
    CHECK(is_missing(Value::none(), *put));
    CHECK_FALSE(is_missing(Value::integer(1), *put));
    CHECK(is_missing(Value::list({Value::integer(1), Value::list({Value::none()})}), *put));
    CHECK_FALSE(is_missing(Value::list({Value::integer(1)}), *put));
}

}  // namespace pvsplan::engine::test
