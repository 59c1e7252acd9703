// Whole runs that seldom come: several things at once that each by itself would be as usual, line by line.
#include <catch2/catch.hpp>

#include "tests/unit/engine/trace.hpp"

namespace pvsplan::engine::test {
namespace {

using DecisionType = OperatorDecision::Type;

const std::vector<JobEvent> is_lost{{.type = JobEventType::lost, .text = "gone"}};
const std::vector<JobEvent> no_way{{.type = JobEventType::never_started, .text = "no route"}};

// A second state of each server, which no farm file tells.
void with_a_level(Plan& plan) {
    plan.kinds["server"].state.push_back({"level", Type::enumeration({"low", "high"}), std::nullopt});
}
ExprPtr level_is_high() {
    const ExprPtr level =
        make_expr({.op = Expr::Op::state, .name = "level", .args = {Expr::literal(Value::object(ObjectId(0)))}});
    return make_expr({.op = Expr::Op::equal, .args = {level, word("high")}});
}
std::vector<JobEvent> seen(const std::string& stream, const std::string& level) {
    return {{.out = R"({"stream": ")" + stream + R"(", "level": ")" + level + "\"}"}};
}

// Sets the level of the first server.
Node raise(const char* id) {
    return {.id = id, .action = "start", .on = ObjectId(0), .sets = {{ObjectId(0), "level", word("high")}}};
}

void nothing_required(Plan& plan) {
    for (auto& [name, one] : plan.actions) one.precondition = nullptr;
}
void goes_back(Plan& plan) {
    for (Node& node : plan.graph.nodes) node.on_failure = OnFailure::rollback;
}
// Each server is an iteration, of which one may be left.
void each_in_a_loop(Plan& plan) {
    for (std::uint32_t i = 0; i < plan.objects.size(); ++i) {
        plan.instances.push_back({.path = "all[s" + std::to_string(i) + "]", .loop = "all", .max_failures = 1});
        plan.graph.nodes[2 * i].instance = plan.graph.nodes[2 * i + 1].instance = InstanceId(i);
    }
}

}  // namespace

TEST_CASE("trace: a condition that nobody can decide stops the first step under it, not one beside it") {
    Trace trace(
        [](Plan& plan) {
            with_a_level(plan);
            plan.guards = {{.step = "all[s1]", .condition = level_is_high()}};
            plan.graph.nodes[2].guard = plan.graph.nodes[3].guard = GuardId(0);
        },
        2);
    trace.go();
    trace.again();
    trace.expect("rare: a condition beside others");
}

TEST_CASE("trace: a condition that nobody can decide stops each step under it once") {
    const auto under_both = [](Plan& plan) {
        with_a_level(plan);
        plan.guards = {{.step = "both", .condition = level_is_high()}};
        plan.graph.nodes[0].guard = plan.graph.nodes[2].guard = GuardId(0);
    };
    Trace trace(under_both, 2);
    trace.go();
    trace.is(ObjectId(0), "stopped");
    trace.again({{DecisionType::done, first_step, "by hand"}});
    trace.expect("rare: a condition of several steps");
    Trace until(under_both, 2);
    until.story.options.until = first_step;
    until.go();
    until.expect("rare: a condition of several steps, and it is to stop before the first");
}

TEST_CASE("trace: a condition that nobody can decide, around iterations of which one may be left") {
    Trace trace(
        [](Plan& plan) {
            with_a_level(plan);
            each_in_a_loop(plan);
            plan.guards = {{.step = "all", .condition = level_is_high()}};
            for (Node& node : plan.graph.nodes) node.guard = GuardId(0);
        },
        2);
    trace.go();
    trace.again();
    trace.expect("rare: a condition around iterations");
}

TEST_CASE("trace: an iteration whose host was not reached is tried again") {
    Trace trace(each_in_a_loop, 2);
    trace.answers("start all[s0].stop", no_way);
    trace.go();
    trace.again();
    trace.expect("rare: an iteration not reached");
}

TEST_CASE("trace: what is due beside a step that is refused does not begin") {
    Trace trace([](Plan& plan) { plan.objects[0].state["stream"] = Value::enumerator("stopped"); }, 2);
    trace.go();
    trace.expect("rare: refused beside another");
}

TEST_CASE("trace: a finished step is undone though somebody has put back by hand what it set") {
    Trace trace(
        [](Plan& plan) {
            with_a_level(plan);
            nothing_required(plan);
            goes_back(plan);
            plan.graph.nodes[1] = raise("raise");
            plan.graph.nodes.pop_back();
            plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)}, {.from = NodeId(1), .to = NodeId(2)}};
        },
        2);
    trace.answers("see server/s0", seen("stopped", "low"));
    trace.answers("see server/s0", seen("running", "high"));
    trace.fails("all[s1].stop");
    trace.go();
    trace.expect("rare: put back by hand");
}

TEST_CASE("trace: two failures that each roll the run back do so once") {
    Trace trace(goes_back, 2);
    trace.fails("all[s0].stop");
    trace.fails("all[s1].stop", "nor here");
    trace.go();
    trace.expect("rare: two failures");
}

TEST_CASE("trace: what undone steps set is known by the steps of the rollback") {
    Trace trace(
        [](Plan& plan) {
            with_a_level(plan);
            nothing_required(plan);
            plan.graph.nodes.erase(plan.graph.nodes.begin() + 1);
            plan.graph.nodes[2].on_failure = OnFailure::rollback;
            plan.graph.edges = {{.from = NodeId(0), .to = NodeId(2)}, {.from = NodeId(1), .to = NodeId(2)}};
            Node low = raise("back");
            low.sets[0].value = word("low");
            plan.graph.nodes[1].undo.steps.nodes = {low};  // of the second server a state of the first
        },
        2);
    trace.answers("see server/s0", seen("stopped", "low"));
    for (int i = 0; i < 2; ++i) trace.answers("see server/s0", seen("running", "low"));
    trace.fails("all[s1].start");
    trace.go();
    trace.expect("rare: writers of a rollback");
}

TEST_CASE("trace: what is seen is kept where nobody has changed it since, and where nobody ever does") {
    for (const bool is_late : {false, true}) {
        Trace trace([](Plan& plan) {
            with_a_level(plan);
            nothing_required(plan);
            plan.kinds["server"].state.push_back({"load", Type::enumeration({"none", "some"}), std::nullopt});
            plan.graph.nodes[1] = raise("raise");
            plan.graph.edges.clear();
        });
        std::string key;
        trace.when_asked = [&](const Job& job) {
            if (job.step == "raise") key = job.key;
        };
        if (is_late) trace.answers("start raise", {});
        if (!is_late) trace.fails("raise");
        trace.when_told = [&](const Event& event) {
            if (is_late && event.type == Event::Type::step_finished)
                trace.story.farm->mailbox.post({.key = key, .exit_status = 3, .err = "no room"});
        };
        for (int i = 0; i < 2; ++i)
            trace.answers("see server/s0", {{.out = R"({"stream": "stopped", "level": "low", "load": "some"})"}});
        trace.go();
        trace.expect(is_late ? "rare: seen after the other had ended" : "rare: seen while the other was under way");
    }
}

TEST_CASE("trace: what was before an attempt that never began is what was before it") {
    for (const bool is_set_since : {false, true}) {
        Trace trace(
            [&](Plan& plan) {
                nothing_required(plan);
                plan.graph.nodes.erase(plan.graph.nodes.begin() + 1);
                plan.graph.nodes[2] = {.id = "again", .action = "stop", .on = ObjectId(is_set_since ? 0 : 1)};
                plan.graph.nodes[2].sets = {{plan.graph.nodes[2].on, "stream", word("stopped")}};
                plan.graph.edges = {{.from = NodeId(1), .to = NodeId(2)}};
            },
            2);
        trace.answers("start " + first_step, is_lost);
        trace.go();
        trace.answers("start " + first_step, no_way);
        trace.again();
        for (int i = 0; i < 3; ++i) trace.answers("see server/s0", {{.exit_status = 1, .err = "not now"}});
        trace.again();
        trace.show();
        trace.back();
        trace.expect(is_set_since ? "rare: not reached, and set since" : "rare: not reached the second time");
    }
}

TEST_CASE("trace: of two loops each may leave an iteration") {
    Trace trace(
        [](Plan& plan) {
            each_in_a_loop(plan);
            plan.instances[1] = {.path = "other[s1]", .loop = "other", .max_failures = 1};
        },
        2);
    trace.fails("all[s0].stop");
    trace.fails("all[s1].stop", "nor here");
    trace.go();
    trace.expect("rare: two loops");
}

TEST_CASE("trace: what is left of an iteration is its steps and approvals, no join and nothing that is skipped") {
    for (const Node::Type type : {Node::Type::join, Node::Type::approval, Node::Type::action}) {
        Trace trace([type](Plan& plan) {
            each_in_a_loop(plan);
            plan.graph.nodes[1] = {.id = "all[s0].met", .type = type, .text = "look", .instance = InstanceId(0)};
            if (type != Node::Type::action) return;
            plan.guards = {{.step = "all[s0].met", .condition = Expr::literal(Value::boolean(false))}};
            plan.graph.nodes[1] = raise("all[s0].met");
            plan.graph.nodes[1].sets.clear();
            plan.graph.nodes[1].instance = InstanceId(0);
            plan.graph.nodes[1].guard = GuardId(0);
            plan.graph.edges.clear();
        });
        trace.fails(first_step);
        trace.go();
        trace.is(ObjectId(0), "stopped");
        trace.again({{DecisionType::done, first_step, "by hand"}});
        constexpr const char* names[] = {"a skipped step", "an approval", "a join"};
        trace.expect("rare: " +
                     std::string(names[type == Node::Type::join       ? 2
                                       : type == Node::Type::approval ? 1
                                                                      : 0]) +
                     " is left");
    }
}

TEST_CASE("trace: an iteration around others, of which none was left, is tried again") {
    Trace trace([](Plan& plan) {
        nothing_required(plan);
        plan.instances = {{.path = "out[a]", .loop = "out", .max_failures = 1},
                          {.path = "out[a].in[s0]", .loop = "in", .max_failures = 0, .parent = InstanceId(0)}};
        plan.graph.nodes[0].instance = InstanceId(1);
        plan.graph.nodes[1].instance = InstanceId(0);
        plan.graph.edges.clear();
    });
    trace.fails("all[s0].stop");
    trace.go();
    trace.show_log();
    trace.again();
    trace.expect("rare: an iteration around others");
}

TEST_CASE("trace: a failure in a loop of which none may be left does what the step says, not the plan") {
    Trace trace([](Plan& plan) {
        goes_back(plan);
        each_in_a_loop(plan);
        plan.instances[0].max_failures = 0;
    });
    trace.fails("all[s0].start");
    trace.go();
    trace.expect("rare: no iteration may be left");
}

TEST_CASE("trace: a real host is waited for, though simulated ones are not") {
    Trace trace([](Plan& plan) { plan.graph.nodes[0].retry = {.times = 1, .delay_ms = 5000}; });
    trace.story.options.simulated_delays = Options::Delays::none;
    trace.fails(first_step);
    trace.go();
    trace.expect("rare: a real host is waited for");
}

TEST_CASE("trace: an undo waits for no retry of the steps that are undone") {
    Trace trace(
        [](Plan& plan) {
            nothing_required(plan);
            goes_back(plan);
            plan.graph.nodes[0].retry = {.times = 1, .delay_ms = 60'000};
            plan.graph.nodes.erase(plan.graph.nodes.begin() + 1);
            plan.graph.edges = {{.from = NodeId(1), .to = NodeId(2)}};
        },
        2);
    trace.fails(first_step);
    trace.fails("all[s1].start", "nor here");
    trace.go();
    trace.expect("rare: a retry is due when it goes back");
}

TEST_CASE("trace: a step that was to run again when the run went back is undone where it had done something") {
    for (const bool did_something : {false, true}) {
        Trace trace(
            [](Plan& plan) {
                nothing_required(plan);
                goes_back(plan);
                plan.graph.edges.clear();
                plan.graph.nodes.pop_back();
                std::swap(plan.graph.nodes[0], plan.graph.nodes[2]);
                plan.graph.nodes.erase(plan.graph.nodes.begin() + 1);
                plan.actions["stop"].repeatable = true;
            },
            2);
        trace.answers("start all[s1].stop", no_way);
        trace.answers("start all[s0].stop", is_lost);
        trace.go();
        trace.story.options.max_parallel = 1;
        trace.fails("all[s1].stop");
        if (did_something) trace.is(ObjectId(0), "stopped");
        trace.again();
        trace.show();
        trace.expect(did_something ? "rare: to run again, and it had done something" : "rare: to run again");
    }
}

TEST_CASE("trace: a person is asked before a step is done, and before it is undone") {
    Trace trace(
        [](Plan& plan) {
            nothing_required(plan);
            goes_back(plan);
            const Node look{.id = "look", .type = Node::Type::approval, .text = "look first"};
            plan.graph.nodes[1] = plan.graph.nodes[2];
            plan.graph.nodes[2] = look;  // the third, as the question of the rollback is
            program::Graph& undo = plan.graph.nodes[0].undo.steps;
            undo.nodes.insert(undo.nodes.begin(), {.id = "sure", .type = Node::Type::approval, .text = "is it sure"});
            undo.edges = {{.from = NodeId(0), .to = NodeId(1)}};
            plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)}, {.from = NodeId(1), .to = NodeId(3)}};
        },
        2);
    trace.fails("all[s1].start");
    trace.go();
    trace.show();
    trace.approve("undo:all[s0].stop.sure");
    trace.again();
    trace.expect("rare: asked before it is undone");
}

}  // namespace pvsplan::engine::test
