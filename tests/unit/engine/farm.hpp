// A plan over simulated servers, and the environment to run it in.
#pragma once

#include <memory>
#include <string>

#include "compiler/program/codec.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "runtime/transport/manual.hpp"
#include "runtime/transport/simulated.hpp"
#include "tests/unit/store/folder.hpp"

namespace pvsplan::engine::test {

using namespace program;

inline ExprPtr on_local() { return std::make_shared<const Expr>(Expr{.op = Expr::Op::local, .name = "on"}); }
inline ExprPtr word(const char* name) { return Expr::literal(Value::enumerator(name)); }
inline ExprPtr stream_is(const char* name) {
    const auto state =
        std::make_shared<const Expr>(Expr{.op = Expr::Op::state, .name = "stream", .args = {on_local()}});
    return std::make_shared<const Expr>(Expr{.op = Expr::Op::equal, .args = {state, word(name)}});
}

inline Action action(const char* name, const char* from, const char* to) {
    return {.name = name,
            .on_kind = "server",
            .precondition = stream_is(from),
            .does = {{name, on_local()}},
            .sets = {{on_local(), "stream", word(to)}},
            .run = {.type = Body::Type::powershell, .text = "…"}};
}

inline Node step(std::string id, const char* action, const char* to, const char* undo, const char* back, ObjectId on) {
    Node node{.id = std::move(id), .action = action, .on = on, .sets = {{on, "stream", word(to)}}};
    node.undo.type = Undo::Type::steps;
    node.undo.steps.nodes = {{.id = "back", .action = undo, .on = on, .sets = {{on, "stream", word(back)}}}};
    return node;
}

// Each of `servers` servers is stopped and started again, concurrently.
inline Plan plan(std::size_t servers) {
    Plan plan{.name = "restart", .farm = "contoso"};
    Kind server{.name = "server", .plural = "servers"};
    server.state = {{"stream", Type::enumeration({"running", "stopped"}), std::nullopt}};
    server.observe = {.type = Body::Type::powershell, .text = "…"};
    plan.kinds["server"] = server;
    plan.actions["stop"] = action("stop", "running", "stopped");
    plan.actions["start"] = action("start", "stopped", "running");
    for (std::size_t i = 0; i < servers; ++i) {
        const std::string name = "s" + std::to_string(i);
        const ObjectId on(i);
        plan.objects.push_back({.id = "server/" + name,
                                .kind = "server",
                                .name = name,
                                .state = {{"stream", Value::enumerator("running")}}});
        plan.graph.nodes.push_back(step("all[" + name + "].stop", "stop", "stopped", "start", "running", on));
        plan.graph.nodes.push_back(step("all[" + name + "].start", "start", "running", "stop", "stopped", on));
        plan.graph.edges.push_back({.from = NodeId(2 * i), .to = NodeId(2 * i + 1)});
    }
    seal(plan);
    return plan;
}

using store::test::Folder;

// Everything that a run needs, over the store in `file`. `wrap` may put another store before it.
struct Farm {
    std::unique_ptr<ports::Store> store;
    ports::SystemClock clock;
    ports::Mailbox mailbox;
    ports::NoSignals signals;
    ports::NoSecrets secrets;
    std::unique_ptr<ports::Transport> simulated;
    std::unique_ptr<ports::Transport> manual;
    Environment environment;

    Farm(std::unique_ptr<ports::Store> from, const Plan& plan, transport::SimulatedOptions options = {})
        : store(std::move(from)),
          simulated(transport::make_simulated(plan, *store, mailbox, std::move(options))),
          manual(transport::make_manual(mailbox)) {
        environment = {.store = store.get(),
                       .clock = &clock,
                       .mailbox = &mailbox,
                       .signals = &signals,
                       .secrets = &secrets,
                       .transports = {{"simulated", simulated.get()}, {"manual", manual.get()}},
                       .me = ports::who_am_i()};
    }
};

inline std::unique_ptr<ports::Store> open(const Folder& folder) {
    auto store = store::open_sqlite_store(folder.db());
    base::check(store.ok(), store.ok() ? "" : store.error().text());
    return std::move(*store);
}

// What a store has of the run that wrote these records; there is one at least.
inline ports::RunRow row_of(const Plan& plan, const std::vector<ports::RecordRow>& records, std::string outcome = "") {
    return {.plan = plan.name,
            .farm = plan.farm,
            .digest = plan.digest,
            .outcome = std::move(outcome),
            .records = records.size(),
            .head = records.back().hash};
}

inline std::string states(const Environment& environment, const Plan& plan) {
    std::string text;
    const PlanNames names(plan);
    for (const ObservedObject& one : observe(environment, plan, {}))
        for (const auto& [name, value] : one.state) text += to_text(value, names) + " ";
    return text;
}

}  // namespace pvsplan::engine::test
