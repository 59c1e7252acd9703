// A person lets a run go on without an iteration of a loop.
#include <catch2/catch.hpp>

#include "tests/unit/engine/farm.hpp"
#include "tests/unit/engine/hosts.hpp"
#include "tests/unit/engine/paced.hpp"

namespace pvsplan::engine::test {
namespace {

using Fault = transport::SimulatedFault;
using DecisionType = OperatorDecision::Type;

// One server after the other, each in an iteration of its own.
Plan one_by_one(std::size_t servers) {
    Plan plan = test::plan(servers);
    for (std::size_t i = 0; i < servers; ++i) {
        plan.instances.push_back({.path = "all[s" + std::to_string(i) + "]", .loop = "all"});
        for (const std::size_t node : {2 * i, 2 * i + 1}) plan.graph.nodes[node].instance = InstanceId(i);
        if (i > 0) plan.graph.edges.push_back({.from = NodeId(2 * i - 1), .to = NodeId(2 * i)});
    }
    seal(plan);
    return plan;
}

struct Nights {
    Folder folder;
    Plan plan = one_by_one(3);
    NoObserver nobody;
    std::string run;

    Ended go(std::vector<Fault> faults, const std::string& lost = "") {
        PacedFarm farm(open(folder), plan, {.faults = std::move(faults)});
        if (!lost.empty()) farm.hosts.lose(lost);
        Ended ended = start(farm.environment, plan, encode(plan), {}, nobody);
        run = ended.run;
        return ended;
    }
    Ended say(
        std::vector<OperatorDecision> decisions, std::vector<Fault> faults = {},
        ProveAgain prove = [](const auto&, const auto&) { return base::Done{}; }) {
        Farm farm(open(folder), plan, {.faults = std::move(faults)});
        return resume(farm.environment, run, {.decisions = std::move(decisions), .prove_again = std::move(prove)}, {},
                      nobody);
    }
    [[nodiscard]] std::string phases() const {
        const auto store = open(folder);
        const auto seen = status(*store, run);
        std::string text;
        for (const NodeStatus& node : seen->nodes) text += (text.empty() ? "" : ", ") + node.state;
        return text;
    }
    [[nodiscard]] std::string wanted() const {
        const auto store = open(folder);
        const auto seen = status(*store, run);
        std::string text;
        for (const Wanted& one : seen->wanted)
            text += std::string(name_of(one.type)) + " " + one.node + ": " + one.text + "; ";
        return text;
    }
    [[nodiscard]] std::string fault() const { return verify::first_fault(*verify_log(*open(folder), run)); }
};

const OperatorDecision skip_first{DecisionType::skip, "all[s0]", "it is dead"};

}  // namespace

TEST_CASE("left out: the others are done, and it is told until somebody deals with it") {
    Nights story;
    const Fault fails{.step = "all[s0].start", .when = Fault::When::before};
    REQUIRE(story.go({fails}).outcome == Outcome::failed);
    const Ended ended = story.say({skip_first});
    CHECK(ended.outcome == Outcome::failed);
    CHECK(ended.message == "`all[s0]` was left out, all others are done; the run is halted (simulated)");
    REQUIRE(ended.wanted.size() == 1);
    CHECK(ended.wanted[0].type == Wanted::Type::left_out);
    CHECK(story.phases() == "finished, failed, finished, finished, finished, finished");
    CHECK(story.wanted() == "left_out all[s0]: " + ports::who_am_i().user + ": it is dead; ");
    SECTION("resume alone tries nothing again") {
        CHECK(story.say({}).outcome == Outcome::failed);
        CHECK(story.phases() == "finished, failed, finished, finished, finished, finished");
    }
    SECTION("it is tried again when a person says so") {
        CHECK(story.say({{DecisionType::redo, "all[s0]", "it is back"}}).outcome == Outcome::done);
        CHECK(story.phases() == "finished, finished, finished, finished, finished, finished");
    }
    SECTION("and proved as one that is tried again, not as one that is left out") {
        std::size_t asked = 0;
        const Ended refused = story.say({{DecisionType::redo, "all[s0]", ""}}, {}, [&](const auto& run, const auto&) {
            ++asked;
            CHECK(run.forward.left_out.empty());
            CHECK(run.forward.abandoned[0] != 0);
            return base::Error{"it cannot go on", {"the order"}};
        });
        CHECK(asked == 1);
        CHECK(refused.outcome == Outcome::refused);
        CHECK(story.wanted().starts_with("left_out all[s0]"));  // nothing was recorded
    }
    SECTION("likewise by one of its steps") {
        CHECK(story.say({{DecisionType::redo, "all[s0].start", "it is back"}}).outcome == Outcome::done);
    }
    SECTION("it fails again, and is left where it failed") {
        CHECK(story.say({{DecisionType::redo, "all[s0]", ""}}, {fails}).outcome == Outcome::failed);
        CHECK(story.wanted() == "failed all[s0].start: made to fail; ");
        CHECK(story.say({}).outcome == Outcome::done);
    }
    CHECK(story.fault() == "");
}

TEST_CASE("left out: a step of which nobody knows whether it still runs asks before it is tried again") {
    Nights story;
    REQUIRE(story.go({}, "all[s0].stop").outcome == Outcome::in_doubt);
    CHECK(story.say({skip_first}).outcome == Outcome::failed);
    CHECK(story.phases() == "failed, left out, finished, finished, finished, finished");
    const Ended again = story.say({{DecisionType::redo, "all[s0]", "it is back"}});
    CHECK(again.outcome == Outcome::in_doubt);
    CHECK(story.phases() == "in doubt, waiting, finished, finished, finished, finished");
    CHECK(story.say({{DecisionType::redo, "all[s0].stop", "it did nothing"}}).outcome == Outcome::done);
    CHECK(story.fault() == "");
}

TEST_CASE("left out: an iteration that has not begun, and several in one call") {
    Nights story;
    REQUIRE(story.go({{.step = "all[s0].stop", .when = Fault::When::before}}).outcome == Outcome::failed);
    SECTION("not begun") {
        CHECK(story.say({{DecisionType::skip, "all[s2]", "no window"}}).outcome == Outcome::failed);
        CHECK(story.phases() == "finished, finished, finished, finished, left out, left out");
    }
    SECTION("all of them") {
        CHECK(story.say({skip_first, {DecisionType::skip, "all[s1]", "x"}, {DecisionType::skip, "all[s2]", "y"}})
                  .outcome == Outcome::failed);
        CHECK(story.phases() == "failed, left out, left out, left out, left out, left out");
    }
    SECTION("and then it is undone") {
        CHECK(story.say({skip_first}).outcome == Outcome::failed);
        Farm farm(open(story.folder), story.plan);
        CHECK(rollback(farm.environment, story.run, {.because = "enough"}, {}, story.nobody).outcome ==
              Outcome::rolled_back);
        CHECK(states(farm.environment, story.plan) == "running running running ");
    }
    CHECK(story.fault() == "");
}

TEST_CASE("left out: refused, and nothing is recorded") {
    Nights story;
    REQUIRE(story.go({{.step = "all[s1].start", .when = Fault::When::before}}).outcome == Outcome::failed);
    const auto records = [&] { return log(*open(story.folder), story.run)->size(); };
    const std::size_t before = records();
    const auto refusal = [&](const OperatorDecision& decision) {
        const Ended ended = story.say({decision});
        CHECK(ended.outcome == Outcome::usage);
        CHECK(records() == before);
        return ended.message;
    };
    CHECK(refusal({DecisionType::skip, "all[s0]", "x"}) == "nothing of `all[s0]` is left to do");
    CHECK(refusal({DecisionType::skip, "all[s0].stop", "x"}) == "the run has no iteration `all[s0].stop`");
    CHECK(refusal({DecisionType::redo, "all[s1]", "x"}) ==
          "`all[s1]` is an iteration that was not left out; `--redo` wants one of its steps");
    CHECK(refusal({DecisionType::done, "all[s1]", "x"}) ==
          "`all[s1]` is an iteration; `--done` wants one of its steps");
    SECTION("because a requirement would be violated") {
        const Ended ended = story.say({{DecisionType::skip, "all[s1]", "x"}}, {}, [](const auto& run, const auto&) {
            CHECK(run.forward.left_out.contains(InstanceId(1)));
            return base::Error{"it cannot go on", {"two would be down"}};
        });
        CHECK(ended.outcome == Outcome::refused);
        CHECK(ended.causes == std::vector<std::string>{"two would be down"});
        CHECK(records() == before);
    }
    SECTION("twice in one call, which is once") {
        const OperatorDecision skip{DecisionType::skip, "all[s1]", "x"};
        CHECK(story.say({skip, skip}).outcome == Outcome::failed);
        CHECK(story.fault() == "");
    }
    SECTION("twice") {
        CHECK(story.say({{DecisionType::skip, "all[s1]", "x"}}).outcome == Outcome::failed);
        CHECK(story.say({{DecisionType::skip, "all[s1]", "x"}}).message ==
              "`all[s1]` is left out (" + ports::who_am_i().user + ": x) already");
    }
    SECTION("in a rollback") {
        Farm farm(open(story.folder), story.plan, {.faults = {{.step = "undo:all[s0].start"}}});
        CHECK(rollback(farm.environment, story.run, {.because = "enough"}, {}, story.nobody).outcome ==
              Outcome::in_doubt);
        CHECK(story.say({{DecisionType::skip, "all[s1]", "x"}}).message ==
              "the run is being rolled back: there is nothing to go on with without `all[s1]`");
    }
}

TEST_CASE("left out: only steps that are left make an iteration one that something is left of") {
    for (const bool has_more : {false, true}) {
        Plan plan = one_by_one(2);
        plan.guards = {{.step = "all[s0].never", .condition = Expr::literal(Value::boolean(false))},
                       {.step = "all[s0].more", .condition = Expr::literal(Value::boolean(true))}};
        plan.graph.nodes.push_back({.id = "all[s0].met", .type = Node::Type::join, .instance = InstanceId(0)});
        Node more = plan.graph.nodes[1];
        more.id = has_more ? "all[s0].more" : "all[s0].never";
        more.guard = GuardId(has_more ? 1 : 0);
        plan.graph.nodes.push_back(more);
        plan.graph.edges.push_back({.from = NodeId(3), .to = NodeId(4)});  // behind what fails
        plan.graph.edges.push_back({.from = NodeId(has_more ? 3 : 1), .to = NodeId(5)});
        seal(plan);
        Nights story;
        story.plan = plan;
        REQUIRE(story.go({{.step = "all[s1].start", .when = Fault::When::before}}).outcome == Outcome::failed);
        const Ended ended = story.say({skip_first});
        CHECK((ended.message == "nothing of `all[s0]` is left to do") == !has_more);
        CHECK(story.fault() == "");
    }
}

TEST_CASE("left out: what is finished, failed or left of it is said in other words") {
    Nights story;
    REQUIRE(story.go({{.step = "all[s0].stop", .when = Fault::When::before}}).outcome == Outcome::failed);
    const auto texts = [&] {
        const auto seen = status(*open(story.folder), story.run);
        return seen->nodes[0].text + "; " + seen->nodes[1].text + "; " + seen->nodes[2].text;
    };
    CHECK(texts() == "made to fail; ; ");
    CHECK(story.say({skip_first}).outcome == Outcome::failed);
    CHECK(texts() == "made to fail; a person left out its iteration; `resume --redo` tries it again; ");
    Nights half;
    REQUIRE(half.go({{.step = "all[s0].start", .when = Fault::When::before}}).outcome == Outcome::failed);
    CHECK(half.say({skip_first}).outcome == Outcome::failed);
    CHECK(status(*open(half.folder), half.run)->nodes[0].text == "");
}

TEST_CASE("left out: an iteration of one step has its name, and a word about it is about the step") {
    Plan plan = one_by_one(2);
    plan.graph.nodes.erase(plan.graph.nodes.begin() + 3);
    plan.graph.nodes.erase(plan.graph.nodes.begin() + 1);
    plan.graph.nodes[0].id = "all[s0]";
    plan.graph.nodes[1].id = "all[s1]";
    plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)}};
    seal(plan);
    Nights story;
    story.plan = plan;
    REQUIRE(story.go({{.step = "all[s0]", .when = Fault::When::before}}).outcome == Outcome::failed);
    SECTION("of the step") { CHECK(story.say({{DecisionType::redo, "all[s0]", ""}}).outcome == Outcome::done); }
    SECTION("of the iteration, where that was left out") {
        CHECK(story.say({skip_first}).outcome == Outcome::failed);
        const Ended done = story.say({{DecisionType::done, "all[s0]", "by hand"}});
        CHECK(done.message == "`all[s0]` is an iteration; `--done` wants one of its steps");
        CHECK(story.say({{DecisionType::redo, "all[s0]", "it is back"}}).outcome == Outcome::done);
    }
    CHECK(story.fault() == "");
}

TEST_CASE(
    "left out: iterations that were left where they failed are tried again when people were told of them, or say so") {
    // Two fail, of which one may be left; a person leaves the third out.
    Plan plan = one_by_one(3);
    for (Instance& one : plan.instances) one.max_failures = 2;
    plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)},
                        {.from = NodeId(2), .to = NodeId(3)},
                        {.from = NodeId(4), .to = NodeId(5)}};
    seal(plan);
    Nights story;
    story.plan = plan;
    const std::vector<Fault> faults = {{.step = "all[s0].start", .when = Fault::When::before},
                                       {.step = "all[s1].start", .when = Fault::When::before}};
    REQUIRE(story.go(faults).outcome == Outcome::failed);
    CHECK(story.say({skip_first}).outcome == Outcome::failed);  // the other is tried again, and done
    CHECK(story.phases() == "finished, failed, finished, finished, finished, finished");
    CHECK(story.say({{DecisionType::redo, "all[s0]", ""}}, faults).outcome == Outcome::failed);
    CHECK(story.say({}).outcome == Outcome::done);
    CHECK(story.fault() == "");
}

TEST_CASE("left out: its host is asked of a step that may still run, and of no other") {
    for (const bool is_lost : {false, true}) {
        HostStory story(
            [](Plan& plan) {
                plan.instances = {{.path = "all[s0]", .loop = "all"}, {.path = "all[s1]", .loop = "all"}};
                for (std::uint32_t i = 0; i < 4; ++i) plan.graph.nodes[i].instance = InstanceId(i / 2);
            },
            2);
        story.command({is_lost ? JobEvent{.type = JobEventType::lost, .text = "gone"} : JobEvent{.exit_status = 1}});
        story.go();
        CHECK(story.ended.wanted.at(0).where.empty() == !is_lost);
        story.hosts->answer = [](const Job& job) {
            return job.type == Job::Type::command && job.ask == Job::Ask::look
                       ? std::vector<JobEvent>{{.type = JobEventType::running}}
                       : std::vector<JobEvent>{};
        };
        const Ended ended = story.again({skip_first}).ended;
        CHECK(story.hosts->commands(Job::Ask::look) == (is_lost ? 1 : 0));
        CHECK(ended.outcome == (is_lost ? Outcome::usage : Outcome::failed));
        if (is_lost) CHECK(has(ended.message, "`all[s0].stop` still runs; `pvsplan resume " + story.run + " --kill "));
        CHECK(story.fault() == "");
    }
    Nights simulated;  // which has no host to be looked at
    CHECK(simulated.go({}, "all[s0].stop").wanted.at(0).where.empty());
}

// Somebody presses Ctrl-C as soon as that is told.
struct PressesAt final : Observer, ports::Signals {
    Event::Type at = Event::Type::step_failed;
    int times = 0;
    void on(const Event& event) override { times += event.type == at ? 1 : 0; }
    [[nodiscard]] int count() const override { return times; }
    [[nodiscard]] int number() const override { return 2; }
};

TEST_CASE("left out: of what was left when the run was interrupted people are told before it is tried again") {
    Nights story;
    for (Instance& one : story.plan.instances) one.max_failures = 2;
    story.plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)},
                              {.from = NodeId(2), .to = NodeId(3)},
                              {.from = NodeId(4), .to = NodeId(5)}};
    seal(story.plan);
    const std::vector<Fault> fails = {{.step = "all[s0].start", .when = Fault::When::before}};
    {
        PressesAt presses;
        Farm farm(open(story.folder), story.plan, {.faults = fails});
        farm.environment.signals = &presses;
        const Ended ended = start(farm.environment, story.plan, encode(story.plan), {}, presses);
        story.run = ended.run;
        REQUIRE(ended.outcome == Outcome::interrupted);
    }
    const auto left = [&] { return story.phases().starts_with("finished, failed"); };
    REQUIRE(left());
    SECTION("resumed, it is told") {
        CHECK(story.say({}).outcome == Outcome::failed);
        CHECK(left());
        SECTION("and then tried again") { CHECK(story.say({}).outcome == Outcome::done); }
    }
    SECTION("or tried again by whoever says what became of a step of it") {
        CHECK(story.say({{DecisionType::redo, "all[s0].start", ""}}).outcome == Outcome::done);
    }
    SECTION("or left out by a person, whose word was the last before the run was interrupted") {
        {
            PressesAt presses;
            presses.at = Event::Type::run_resumed;
            Farm farm(open(story.folder), story.plan);
            farm.environment.signals = &presses;
            CHECK(resume(farm.environment, story.run, {.decisions = {skip_first}}, {}, presses).outcome ==
                  Outcome::interrupted);
        }
        CHECK(story.say({{DecisionType::redo, "all[s0]", "it is back"}}).outcome == Outcome::done);
    }
    CHECK(story.fault() == "");
}

TEST_CASE("left out: nothing is tried again once the run is to be rolled back") {
    Nights story;
    REQUIRE(story.go({{.step = "all[s0].start", .when = Fault::When::before}}).outcome == Outcome::failed);
    REQUIRE(story.say({skip_first}).outcome == Outcome::failed);
    {
        PressesAt presses;
        presses.at = Event::Type::run_resumed;
        Farm farm(open(story.folder), story.plan);
        farm.environment.signals = &presses;
        CHECK(rollback(farm.environment, story.run, {.because = "enough"}, {}, presses).outcome ==
              Outcome::interrupted);
    }
    const Ended refused = story.say({{DecisionType::redo, "all[s0]", "it is back"}});
    CHECK(refused.outcome == Outcome::usage);
    CHECK(refused.message == "the run is to be rolled back (enough): it does not try `all[s0]` again");
    CHECK(story.say({}).outcome == Outcome::rolled_back);
    CHECK(story.fault() == "");
}

}  // namespace pvsplan::engine::test
