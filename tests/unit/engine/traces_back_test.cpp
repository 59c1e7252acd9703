// Whole runs that go back, that do not come to be, or that several people have to do with: line by line.
#include <catch2/catch.hpp>

#include "runtime/engine/messages.hpp"
#include "tests/unit/engine/trace.hpp"

namespace pvsplan::engine::test {
namespace {

const std::string last_undo = "undo:all[s0].start";

void roll_back_on_failure(Plan& plan) {
    for (Node& node : plan.graph.nodes) node.on_failure = OnFailure::rollback;
}

// Nobody has any secret, or there is one that nobody can read.
struct NoSuchSecret final : ports::Secrets {
    std::string missing;
    base::Result<std::string> read(const std::string& name) override {
        if (name == missing) return base::Error{"there is no secret `" + name + "`"};
        return "value of " + name;
    }
};

struct HungUp final : ports::Signals {
    int times = 0;
    [[nodiscard]] int count() const override { return times; }
    [[nodiscard]] int number() const override { return 1; }
};

}  // namespace

TEST_CASE("trace: a failure rolls the run back by itself, though a person is asked and a retry is due") {
    Trace trace(
        [](Plan& plan) {
            roll_back_on_failure(plan);
            plan.graph.nodes[2].retry = {.times = 3, .delay_ms = 60'000};
            plan.graph.nodes.push_back({.id = "look", .type = Node::Type::approval, .text = "look"});
            plan.graph.nodes.push_back({.id = "then", .type = Node::Type::approval, .text = "and then"});
            plan.graph.edges.push_back({.from = NodeId(4), .to = NodeId(5)});
        },
        2);
    trace.fails("all[s1].stop", "try again");
    trace.fails("all[s0].start");
    trace.when_told = [&](const Event& event) {
        if (event.type == Event::Type::step_started && event.node == "all[s0].stop") {
            trace.post("then", "anna");
            trace.post("nothing", "anna");
        }
    };
    trace.go();
    trace.show();
    trace.again();
    trace.back();
    trace.expect("back: by itself");
}

TEST_CASE("trace: what cannot be undone stays, with what came before it") {
    Trace trace([](Plan& plan) {
        plan.graph.nodes[1].undo = {.type = Undo::Type::impossible, .why = "it has begun to serve"};
        plan.graph.nodes.push_back(step("again", "stop", "stopped", "start", "running", ObjectId(0)));
        plan.graph.edges.push_back({.from = NodeId(1), .to = NodeId(2)});
    });
    trace.go();
    trace.back("");
    trace.show();
    trace.back();
    trace.abandon("");
    trace.back();
    trace.show();
    trace.expect("back: a point of no return");
}

TEST_CASE("trace: an undo fails, is lost, is not reached, and is decided about") {
    Trace trace;
    trace.go();
    trace.fails(last_undo);
    trace.back();
    trace.show();
    trace.answers("start " + last_undo, {{.type = JobEventType::lost, .text = "gone"}});
    trace.back();
    trace.show();
    trace.answers("attach " + last_undo, {{.type = JobEventType::elsewhere, .text = "another machine"}});
    trace.again();
    trace.again({{OperatorDecision::Type::done, last_undo, ""}});
    trace.answers("start " + last_undo, {{.type = JobEventType::never_started, .text = "no route"}});
    trace.again({{OperatorDecision::Type::redo, last_undo, "once more"}});
    trace.show();
    trace.again();
    trace.show();
    trace.expect("back: an undo and its ends");
}

TEST_CASE("trace: a group with a recover of its own") {
    for (const bool is_needed : {false, true}) {
        Trace trace([](Plan& plan) {
            roll_back_on_failure(plan);
            RecoverSteps recovery{.group = "all", .covers = {NodeId(0), NodeId(1)}};
            Node repair = plan.graph.nodes[0].undo.steps.nodes[0];
            repair.id = "repair";
            repair.guard = GuardId(0);
            recovery.steps.nodes = {repair};
            recovery.guards = {{.step = "repair", .condition = stream_is("stopped")}};
            const auto on = std::make_shared<const Expr>(
                Expr{.op = Expr::Op::state, .name = "stream", .args = {Expr::literal(Value::object(ObjectId(0)))}});
            recovery.guards[0].condition = make_expr({.op = Expr::Op::equal, .args = {on, word("stopped")}});
            plan.recoveries.push_back(std::move(recovery));
        });
        trace.fails(is_needed ? "all[s0].start" : "all[s0].stop");
        trace.go();
        trace.show();
        trace.expect(is_needed ? "back: a recover that is needed" : "back: a recover that is not needed");
    }
}

TEST_CASE("trace: an iteration within an iteration") {
    Trace trace(
        [](Plan& plan) {
            plan.instances = {{.path = "out[a]", .loop = "out", .max_failures = 1},
                              {.path = "out[a].in[s0]", .loop = "in", .max_failures = 1, .parent = InstanceId(0)},
                              {.path = "out[a].in[s1]", .loop = "in", .max_failures = 1, .parent = InstanceId(0)},
                              {.path = "out[b]", .loop = "out", .max_failures = 1}};
            for (std::uint32_t i = 0; i < 4; ++i) plan.graph.nodes[i].instance = InstanceId(1 + i / 2);
            plan.graph.nodes.push_back({.id = "other", .action = "check", .instance = InstanceId(3)});
            plan.graph.edges.push_back({.from = NodeId(1), .to = NodeId(4)});
            plan.graph.edges.push_back({.from = NodeId(3), .to = NodeId(4)});
            plan.actions["check"] = {.name = "check", .run = {.type = Body::Type::none}};
            plan.graph.nodes[4].undo = {};
        },
        2);
    trace.fails("all[s0].stop");
    trace.fails("all[s1].start", "no more room");
    trace.go();
    trace.show();
    trace.again();
    trace.show();
    for (const char* node : {"all[s0].stop", "all[s1].start"}) trace.again({{OperatorDecision::Type::redo, node, ""}});
    trace.again({{OperatorDecision::Type::done, "all[s1].start", ""}});
    trace.is(ObjectId(1), "running");
    trace.again({{OperatorDecision::Type::done, "all[s1].start", ""}});
    trace.show();
    trace.is(ObjectId(0), "running");  // as after both, the one and then the other
    trace.again(
        {{OperatorDecision::Type::done, "all[s0].stop", ""}, {OperatorDecision::Type::done, "all[s0].start", ""}});
    trace.expect("iterations within one");
}

TEST_CASE("trace: a loop within each iteration of another may lose as many in each") {
    Trace trace(
        [](Plan& plan) {
            plan.instances = {{.path = "out[a]", .loop = "out", .max_failures = 0},
                              {.path = "out[b]", .loop = "out", .max_failures = 0},
                              {.path = "out[a].in[s0]", .loop = "in", .max_failures = 1, .parent = InstanceId(0)},
                              {.path = "out[b].in[s1]", .loop = "in", .max_failures = 1, .parent = InstanceId(1)}};
            for (std::uint32_t i = 0; i < 4; ++i) plan.graph.nodes[i].instance = InstanceId(2 + i / 2);
        },
        2);
    trace.fails("all[s0].stop");
    trace.fails("all[s1].stop");
    trace.go();
    trace.show();
    trace.again();
    trace.expect("iterations of loops within loops");
}

TEST_CASE("trace: what does not come to be a run, or does not go on") {
    NoSuchSecret secrets;
    HungUp signals;
    Trace trace([](Plan& plan) { plan.secrets = {{"s", {"env", "S"}}}; });
    trace.story.farm->environment.secrets = &secrets;
    trace.story.farm->environment.signals = &signals;
    secrets.missing = "s";
    trace.go();
    signals.times = 1;
    trace.go();
    signals.times = 0;
    secrets.missing.clear();
    trace.answers("start " + first_step, {{.exit_status = 1, .err = "the value of s is wrong"}});
    trace.go();
    secrets.missing = "s";
    trace.again();
    signals.times = 1;
    trace.again();
    signals.times = 0;
    secrets.missing.clear();
    trace.go();  // while the first is not over
    trace.abandon();
    trace.story.options.use = ports::Runs::Use::single;
    trace.go();
    trace.story.options.use = ports::Runs::Use::many;
    (void)trace.story.clock.wait(trace.story.farm->mailbox, trace.story.clock.now() + 60'000);
    trace.story.options.again = "RUN-before";
    trace.go();
    trace.back();
    trace.story.options.again.clear();
    trace.story.options.use = ports::Runs::Use::single;
    trace.go();
    trace.expect("not begun");
}

TEST_CASE("trace: who may approve, and what is said of another plan") {
    Trace trace([](Plan& plan) {
        plan.approvers = {"anna", "otto", "eve"};
        plan.graph.nodes.insert(plan.graph.nodes.begin(), {.id = "look", .type = Node::Type::approval, .text = "look"});
        plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)}, {.from = NodeId(1), .to = NodeId(2)}};
    });
    trace.go();
    trace.approve("look");
    trace.story.farm->environment.me.user = "mallory";
    trace.approve("look");
    trace.story.farm->environment.me.user = "otto";
    trace.post("look", "otto");
    trace.post("look", "mallory");
    trace.post("all[s0].stop", "anna");
    trace.story.plan.digest = "sha256:another";
    trace.post("look", "anna");
    seal(trace.story.plan);
    trace.again();
    trace.post("look", "anna");
    trace.post("look", "eve");
    trace.again();
    trace.approve("look");
    trace.show_log();
    trace.expect("who may approve");
}

TEST_CASE("trace: a step on this machine, one by hand, and one at another host") {
    Trace trace(
        [](Plan& plan) {
            plan.objects[0].connect = {{"over", Value::string("manual")}};
            plan.actions["here"] = {.name = "here", .run = {.type = Body::Type::command}};
            plan.actions["start"].at = make_expr({.op = Expr::Op::local, .local = 1, .name = "there"});
            plan.actions["start"].parameters = {{"there", Type::of(Type::Category::object)}};
            for (std::size_t i = 1; i < 4; i += 2)
                plan.graph.nodes[i].with = {Expr::literal(Value::object(ObjectId(1)))};
            plan.graph.nodes.push_back({.id = "here", .action = "here"});
            plan.graph.nodes[0].undo = plan.graph.nodes[1].undo = {};
            plan.graph.nodes[2].undo = plan.graph.nodes[3].undo = {};
        },
        2);
    trace.story.farm->environment.transports["local"] = trace.story.hosts.get();
    trace.go();
    trace.show();
    trace.again({{OperatorDecision::Type::done, first_step, "done by me"}});
    trace.show();
    trace.expect("hosts of each kind");
}

}  // namespace pvsplan::engine::test
