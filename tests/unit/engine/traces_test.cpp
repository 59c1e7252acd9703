// Whole runs, line by line: what comes, in which order, with which words, and what does not come. Whatever a run tells,
// records or asks twice, not at all or of another is found here, though no other test speaks of it.
#include <catch2/catch.hpp>

#include "tests/unit/engine/trace.hpp"

namespace pvsplan::engine::test {
namespace {

using DecisionType = OperatorDecision::Type;

const std::string second_step = "all[s0].start";

ExprPtr literal(bool value) { return Expr::literal(Value::boolean(value)); }
ExprPtr level() {  // of which nobody knows anything
    return make_expr({.op = Expr::Op::state, .name = "level", .args = {Expr::literal(Value::object(ObjectId(0)))}});
}
void with_level(Plan& plan) {
    plan.kinds["server"].state.push_back({"level", Type::enumeration({"low", "high"}), std::nullopt});
}

// Each server is an iteration of one loop, of which as many as that may be left.
std::function<void(Plan&)> in_a_loop(std::uint32_t max_failures) {
    return [max_failures](Plan& plan) {
        for (std::uint32_t i = 0; i < plan.objects.size(); ++i) {
            plan.instances.push_back(
                {.path = "all[s" + std::to_string(i) + "]", .loop = "all", .max_failures = max_failures});
            plan.graph.nodes[2 * i].instance = plan.graph.nodes[2 * i + 1].instance = InstanceId(i);
        }
        const std::size_t last = plan.graph.nodes.size();
        plan.graph.nodes.push_back({.id = "met", .type = Node::Type::join});
        plan.graph.nodes.push_back({.id = "look", .type = Node::Type::approval, .text = "look at all"});
        for (std::size_t i = 0; i < plan.objects.size(); ++i)
            plan.graph.edges.push_back({.from = NodeId(2 * i + 1), .to = NodeId(last)});
        plan.graph.edges.push_back({.from = NodeId(last), .to = NodeId(last + 1)});
    };
}

struct Sitting final : Person {
    std::function<std::vector<Answer>()> says;
    std::vector<Answer> answers() override { return says ? says() : std::vector<Answer>{}; }
};

struct Pressed final : ports::Signals {
    int times = 0;
    [[nodiscard]] int count() const override { return times; }
    [[nodiscard]] int number() const override { return 2; }
};

}  // namespace

TEST_CASE("trace: two servers, one step after the other in each, and back again") {
    Trace trace({}, 2);
    trace.go();
    trace.show();
    trace.back();
    trace.show();
    trace.show_log();
    trace.expect("two servers and back");
}

TEST_CASE("trace: a failure halts what comes after it, and not what runs concurrently") {
    Trace trace({}, 2);
    trace.fails(first_step);
    trace.go();
    trace.show();
    trace.fails("all[s0].stop", "");
    trace.again();
    trace.again();
    trace.expect("a failure halts");
}

TEST_CASE("trace: a step is tried again by itself, as often as it says and as late") {
    Trace trace([](Plan& plan) { plan.graph.nodes[0].retry = {.times = 2, .delay_ms = 5000}; });
    for (int i = 0; i < 3; ++i) trace.fails(first_step, "try " + std::to_string(i));
    trace.go();
    trace.show();
    trace.again();
    trace.expect("tried again");
}

TEST_CASE("trace: a host comes and goes") {
    Trace trace;
    const std::vector<JobEvent> troubles = {{.type = JobEventType::unreachable, .text = "no route"},
                                            {.type = JobEventType::reachable, .text = "there again"},
                                            {.type = JobEventType::output, .text = "half"},
                                            {.type = JobEventType::output, .text = "\xff\xfe"}};
    std::vector<JobEvent> command = troubles, sight = troubles;
    command.push_back({.type = JobEventType::ended});
    command.push_back({.type = JobEventType::ended, .exit_status = 1});
    sight.push_back({.out = R"({"stream": "stopped"})"});
    trace.answers("start " + first_step, command);
    trace.answers("see server/s0", sight);
    trace.go();
    trace.expect("a host comes and goes");
}

TEST_CASE("trace: a host that is not reached, first for the one step and then for the other") {
    Trace trace;
    trace.answers("start " + first_step, {{.type = JobEventType::never_started, .text = "no route"}});
    trace.go();
    trace.show();
    trace.answers("start " + second_step, {{.type = JobEventType::never_started, .text = "no route"}});
    trace.again();
    trace.show();
    trace.back();
    trace.expect("not reached");
}

TEST_CASE("trace: nobody saw the end of a step, and each way to find out") {
    struct Case {
        const char* name;
        std::function<void(Trace&)> goes;
    };
    const std::vector<JobEvent> lost{{.type = JobEventType::lost, .text = "gone"}};
    const Case cases[] = {
        {"it ended meanwhile",
         [](Trace& trace) {
             trace.answers("attach " + first_step, {{.type = JobEventType::ended, .out = "late"}});
             trace.is(ObjectId(0), "stopped");
             trace.again();
         }},
        {"it had failed",
         [](Trace& trace) {
             trace.answers("attach " + first_step, {{.exit_status = 7, .err = "late"}});
             trace.again();
             trace.show();
         }},
        {"nobody knows of it", [](Trace& trace) { trace.again(); }},
        {"it is lost once more, and all is there",
         [&lost](Trace& trace) {
             trace.answers("attach " + first_step, lost);
             trace.again();
             trace.is(ObjectId(0), "stopped");
             trace.answers("attach " + first_step, lost);
             trace.again();
         }},
        {"a person says that it is done",
         [](Trace& trace) {
             trace.again({{DecisionType::done, first_step, "seen by me"}});
             trace.is(ObjectId(0), "stopped");
             trace.again({{DecisionType::done, first_step, "seen by me"}});
         }},
        {"a person wants it again",
         [](Trace& trace) {
             trace.answers("look " + first_step, {{.type = JobEventType::running}});
             trace.again({{DecisionType::redo, first_step, ""}});
             trace.answers("look " + first_step, {{.type = JobEventType::never_started, .text = "no route"}});
             trace.again({{DecisionType::redo, first_step, ""}});
             trace.again({{DecisionType::redo, first_step, ""}});
         }},
        {"a person ends it",
         [&lost](Trace& trace) {
             trace.answers("kill " + first_step, lost);
             trace.again({{DecisionType::kill, first_step, "no use"}});
             trace.answers("kill " + first_step, {{.type = JobEventType::ended}});
             trace.answers("attach " + first_step, lost);
             trace.again({{DecisionType::kill, first_step, ""}});
             trace.again({{DecisionType::kill, first_step, ""}, {DecisionType::redo, first_step, ""}});
         }},
        {"it is undone",
         [&lost](Trace& trace) {
             trace.answers("attach " + first_step, lost);
             trace.back("");
             trace.back();
             trace.show();
         }},
        {"it is given up",
         [](Trace& trace) {
             trace.abandon();
             trace.abandon();
             trace.again();
             trace.show();
         }},
    };
    for (const Case& way : cases) {
        Trace trace;
        trace.answers("start " + first_step, lost);
        trace.go();
        trace.show();
        way.goes(trace);
        trace.expect(std::string("nobody saw the end: ") + way.name);
    }
}

TEST_CASE("trace: a step that waits, one that does nothing, and what was under way when it was stopped") {
    Pressed signals;
    Trace trace([](Plan& plan) {
        plan.actions["stop"].run = {
            .type = Body::Type::wait, .until = stream_is("stopped"), .every_ms = 100, .at_most_ms = 1000};
        plan.actions["start"].run = {.type = Body::Type::none};
    });
    trace.story.farm->environment.signals = &signals;
    int seen = 0;
    trace.when_asked = [&](const Job& job) {
        if (job.type == Job::Type::observation && ++seen == 3) signals.times = 2;
    };
    trace.go();
    trace.show();
    signals.times = 0;
    trace.again();
    trace.is(ObjectId(0), "stopped");
    trace.answers("see server/s0", {{.exit_status = 1, .err = "not now"}});
    trace.again();
    trace.is(ObjectId(0), "running");
    trace.again();
    trace.expect("waiting and doing nothing");
}

TEST_CASE("trace: asked to stop once, what runs is waited for; and before anything runs") {
    Pressed signals;
    Trace trace({}, 2);
    trace.story.farm->environment.signals = &signals;
    trace.when_told = [&](const Event& event) {
        if (event.type == Event::Type::step_checking) signals.times = 1;
    };
    trace.go();
    trace.show();
    trace.when_told = nullptr;
    trace.again();
    signals.times = 0;
    trace.again();
    trace.expect("asked to stop");
}

TEST_CASE("trace: approvals, conditions, and a step for a person") {
    Sitting person;
    Trace trace([](Plan& plan) {
        plan.actions["stop"].run = {.type = Body::Type::manual, .arguments = {Expr::literal(Value::string("pull it"))}};
        plan.graph.nodes.insert(plan.graph.nodes.begin(), {.id = "look", .type = Node::Type::approval, .text = "look"});
        plan.graph.nodes.push_back({.id = "later", .type = Node::Type::approval, .text = "more"});
        plan.graph.nodes.push_back({.id = "never", .type = Node::Type::approval, .guard = GuardId(0), .text = "no"});
        plan.graph.nodes.push_back({.id = "ever", .type = Node::Type::approval, .guard = GuardId(1), .text = "yes"});
        plan.guards = {{.step = "never", .condition = literal(false)}, {.step = "ever", .condition = literal(true)}};
        plan.graph.edges.clear();
        for (std::uint32_t i = 0; i < 5; ++i) plan.graph.edges.push_back({.from = NodeId(i), .to = NodeId(i + 1)});
        plan.graph.nodes[1].undo.steps.nodes[0].action = "start";
        plan.graph.nodes[2].undo = {};
    });
    trace.story.farm->environment.transports["local"] = trace.story.hosts.get();  // no approval is a step on it
    trace.go();
    trace.show();
    trace.approve("later");
    trace.approve("later");
    trace.approve("nothing");
    trace.show();
    trace.approve("look");
    trace.again();
    trace.show();
    trace.story.options.person = &person;
    trace.is(ObjectId(0), "stopped");
    bool was_asked = false;
    person.says = [&]() -> std::vector<Person::Answer> {
        if (!std::exchange(was_asked, true)) return {{"ever", "too early"}};
        if (trace.story.told.all.empty()) return {};
        trace.story.told.all.clear();
        return {{first_step, "it is out"}, {second_step, "that too"}};
    };
    trace.when_told = [&](const Event& event) {
        if (event.type == Event::Type::person_wanted) trace.story.told.on(event);
    };
    trace.again();
    trace.show();
    trace.post("look", "otto");
    trace.back();
    trace.show();
    trace.show_log();
    trace.expect("approvals and persons");
}

TEST_CASE("trace: an iteration is left where it failed, and tried again at the end") {
    Trace trace(in_a_loop(1), 2);
    trace.fails(first_step);
    trace.go();
    trace.show();
    trace.approve("look");
    trace.again();
    trace.show();
    trace.fails(first_step, "once more");
    trace.again();
    trace.show();
    trace.again();
    trace.back();
    trace.show();
    trace.show_log();
    trace.expect("left where it failed");
}

TEST_CASE("trace: more iterations fail than may be left") {
    Trace trace(in_a_loop(1), 2);
    trace.fails("all[s0].stop");
    trace.fails("all[s1].stop", "no more room");
    trace.go();
    trace.show();
    trace.again();
    trace.approve("look");
    trace.again();
    trace.expect("more than may be left");
}

TEST_CASE("trace: what is tried again would break a requirement") {
    Trace trace(in_a_loop(1), 2);
    trace.fails(first_step);
    trace.go();
    trace.resume_options.prove_again = [&](const state::RunState&, const Unknowns& unknown) -> base::Status {
        trace.line("  prove again, " + std::to_string(unknown.may_have_happened.size()) + " may have happened");
        return base::Error{"it would break `one at a time`"};
    };
    trace.again();
    trace.approve("look");
    trace.again();
    trace.again({{DecisionType::redo, first_step, ""}});
    trace.is(ObjectId(0), "stopped");
    trace.again({{DecisionType::done, first_step, ""}});
    trace.resume_options.prove_again = [&](const state::RunState&, const Unknowns& unknown) -> base::Status {
        trace.line("  prove again, " + std::to_string(unknown.may_have_happened.size()) + " may have happened");
        return base::Done{};
    };
    trace.again({{DecisionType::done, first_step, "by hand"}, {DecisionType::redo, second_step, ""}});
    trace.expect("would break a requirement");
}

TEST_CASE("trace: conditions that nobody can decide") {
    for (const bool is_whole : {false, true}) {
        Trace trace([&](Plan& plan) {
            with_level(plan);
            plan.guards = {
                {.step = "outer", .condition = make_expr({.op = Expr::Op::equal, .args = {level(), word("high")}})},
                {.step = "inner", .condition = literal(true), .parent = GuardId(0)},
                {.step = "beside", .condition = nullptr}};
            plan.graph.nodes[0].guard = GuardId(2);
            plan.graph.nodes[1].guard = GuardId(1);
            plan.graph.nodes.push_back(
                {.id = "look", .type = Node::Type::approval, .guard = GuardId(0), .text = "look at it"});
            plan.graph.edges.push_back({.from = NodeId(1), .to = NodeId(2)});
            if (is_whole) plan.objects[0].connect.clear();
        });
        trace.go();
        trace.show();
        trace.again();
        trace.back();
        trace.expect(is_whole ? "nobody can decide, simulated" : "nobody can decide, on hosts");
    }
}

TEST_CASE("trace: one after the other where no more may run at once, and outputs go from step to step") {
    Trace trace(
        [](Plan& plan) {
            plan.actions["stop"].outputs["code"] = make_expr({.op = Expr::Op::exit_code});
            plan.actions["start"].parameters = {{"from", Type::of(Type::Category::integer)}};
            plan.actions["start"].run = {.type = Body::Type::command,
                                         .arguments = {make_expr({.op = Expr::Op::local, .local = 1, .name = "from"})}};
            for (std::size_t i = 0; i < 2; ++i)
                plan.graph.nodes[2 * i + 1].with = {
                    make_expr({.op = Expr::Op::output, .name = "code", .step = plan.graph.nodes[2 * i].id})};
        },
        2);
    trace.story.options.max_parallel = 1;
    trace.go();
    trace.back();
    trace.expect("one after the other");
}

TEST_CASE("trace: the lease is lost, the store fails, and the run goes on later") {
    Trace trace({}, 2);
    trace.when_told = [&](const Event& event) {
        if (event.type != Event::Type::step_checking || !trace.when_told) return;
        trace.when_told = nullptr;
        const ports::LeaseOwner other{.who = {.user = "anna", .host = "there", .pid = 1}, .run = "another", .since = 1};
        REQUIRE(trace.story.farm->store->acquire(trace.story.plan.farm, other, ports::Take::over)->lease);
    };
    trace.go();
    trace.show();
    trace.again();
    trace.story.farm->environment.take_over_because = "she has left";
    trace.again();
    trace.show();
    trace.expect("taken over");
}

TEST_CASE("trace: hosts that somebody else claims, that give way, or that keep no claim") {
    const auto held = [](const std::string& text) {
        return std::vector<JobEvent>{{.type = JobEventType::held, .err = "/c", .text = text}};
    };
    const std::string claim = R"(run-9 4 {"user": "anna", "host": "there", "since": "noon", "store": "/s"})";
    Trace trace({}, 2);
    trace.story.farm->environment.transports["local"] = trace.story.hosts.get();  // nothing runs here
    trace.answers("claim server/s0", held(claim));
    trace.go();
    trace.answers("claim server/s1", held("? not a file"));
    trace.go();
    trace.story.farm->environment.is_over_elsewhere = [&](const std::string& run, const std::string& owner) {
        trace.line("  is " + run + " over? " + owner);
        return std::string("it was done at noon");
    };
    trace.answers("claim server/s0", held(claim));
    trace.answers("claim server/s1", {{.type = JobEventType::claimed, .err = "read-only", .text = "/jobs"}});
    trace.go();
    trace.back();
    trace.answers("claim server/s0", {{.type = JobEventType::claimed, .text = "/jobs"}});
    trace.expect("claims");
}

TEST_CASE("trace: how a run stands while it is under way, out of sight, gone, and given up") {
    Trace trace;
    trace.when_told = [&](const Event& event) {
        if (event.type != Event::Type::step_checking || event.node != first_step) return;
        trace.show();
        ports::Identity far = trace.story.farm->environment.me;
        far.space = "pid:[1] ";  // of another container
        const ports::LeaseOwner owner{.who = far, .run = trace.story.run, .since = 1};
        REQUIRE(trace.story.farm->store->acquire(trace.story.plan.farm, owner, ports::Take::over)->lease);
    };
    trace.go();
    trace.show();
    trace.abandon();
    trace.again();
    trace.story.farm->environment.take_over_because = "it is surely gone";
    trace.abandon("no use");
    trace.show();
    trace.expect("how it stands");
}

TEST_CASE("trace: a command that never answers is left alone by who is asked twice, or has lost the farm") {
    for (const bool is_lost : {false, true}) {
        Pressed signals;
        Trace trace;
        trace.story.farm->environment.signals = &signals;
        trace.answers("start " + first_step, {});
        trace.when_told = [&](const Event& event) {
            if (event.type != Event::Type::heartbeat) return;
            const ports::LeaseOwner other{
                .who = {.user = "anna", .host = "there", .pid = 1}, .run = "another", .since = 1};
            if (is_lost)
                REQUIRE(trace.story.farm->store->acquire(trace.story.plan.farm, other, ports::Take::over)->lease);
            else
                signals.times = 2;
        };
        trace.go();
        trace.expect(is_lost ? "no answer, and the farm is lost" : "no answer, and asked twice to stop");
    }
}

}  // namespace pvsplan::engine::test
