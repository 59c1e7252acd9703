// What a person says of several steps in one call counts at once, or not at all.
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/unit/engine/farm.hpp"
#include "tests/unit/engine/paced.hpp"

namespace pvsplan::engine::test {
namespace {

using Fault = transport::SimulatedFault;
using DecisionType = OperatorDecision::Type;

void set_stream(Farm& farm, const Plan& plan, const std::string& server, const std::string& value) {
    const ports::SimulatedChange change{.sets = {{"server/" + server, "stream", "{\"enum\": \"" + value + "\"}"}}};
    REQUIRE(farm.store->change_simulated(plan.farm, change).ok());
}

// A server is stopped and started again in one iteration, and once more in another loop behind it. While it is stopped
// for the second time, it has to be down.
Plan twice() {
    Plan plan = test::plan(1);
    plan.instances.push_back({.path = "one[s0]", .loop = "one", .max_failures = 1});
    plan.instances.push_back({.path = "two[s0]", .loop = "two", .max_failures = 1});
    plan.actions["check"] = {
        .name = "check", .on_kind = "server", .run = {.type = Body::Type::powershell, .text = "…"}};
    plan.graph.nodes[0].id = "one[s0].stop";
    plan.graph.nodes[1].id = "one[s0].start";
    plan.graph.nodes.push_back(step("two[s0].stop", "stop", "stopped", "start", "running", ObjectId(0)));
    Node check{.id = "two[s0].check", .action = "check", .on = ObjectId(0), .does = {{"check", ObjectId(0)}}};
    plan.graph.nodes.push_back(check);
    plan.graph.nodes.push_back(step("two[s0].start", "start", "running", "stop", "stopped", ObjectId(0)));
    for (std::uint32_t i = 0; i < 5; ++i) plan.graph.nodes[i].instance = InstanceId(i < 2 ? 0 : 1);
    plan.actions["stop"].precondition = plan.actions["start"].precondition = nullptr;
    plan.graph.edges.clear();
    for (std::uint32_t i = 0; i + 1 < 5; ++i) plan.graph.edges.push_back({.from = NodeId(i), .to = NodeId(i + 1)});
    plan.requirements = {
        {.name = "checked while down",
         .demand = Demand{.form = Demand::Form::during,
                          .left_quantifier = Demand::Quantifier::every,
                          .right_quantifier = Demand::Quantifier::every,
                          .left = EventDemand{"check", "server", nullptr, nullptr},
                          .state = StateDemand{"server", stream_is("stopped"), nullptr, "down(server)"}}}};
    seal(plan);
    return plan;
}

}  // namespace

TEST_CASE("a step in doubt and one that was abandoned are decided to be done at once: what was under way ends first") {
    const Folder folder;
    const Plan plan = twice();
    NoObserver nobody;
    std::string run;
    {
        PacedFarm farm(open(folder), plan, {.faults = {{.step = "one[s0].start", .when = Fault::When::before}}});
        farm.hosts.lose("two[s0].check");
        const Ended ended = start(farm.environment, plan, encode(plan), {}, nobody);
        run = ended.run;
        CHECK(ended.outcome == Outcome::in_doubt);
    }
    Farm farm(open(folder), plan);
    set_stream(farm, plan, "s0", "running");
    const ResumeOptions said{
        .decisions = {{DecisionType::done, "one[s0].start", "by hand"}, {DecisionType::done, "two[s0].check", "seen"}}};
    CHECK(resume(farm.environment, run, said, {}, nobody).outcome == Outcome::done);
    CHECK(verify::first_fault(*verify_log(*farm.store, run)) == "");
}

TEST_CASE("steps that set the same one after the other may be decided to be done together") {
    const Folder folder;
    const Plan plan = test::plan(1);
    NoObserver nobody;
    Farm farm(open(folder), plan, {.faults = {{.step = "all[s0].stop", .when = Fault::When::before}}});
    const std::string run = start(farm.environment, plan, encode(plan), {}, nobody).run;
    SECTION("one of them shows") {
        const ResumeOptions said{
            .decisions = {{DecisionType::done, "all[s0].start", ""}, {DecisionType::done, "all[s0].stop", ""}}};
        CHECK(resume(farm.environment, run, said, {}, nobody).outcome == Outcome::done);
        CHECK(verify::first_fault(*verify_log(*farm.store, run)) == "");
        CHECK(rollback(farm.environment, run, {}, {}, nobody).outcome == Outcome::rolled_back);
        CHECK(states(farm.environment, plan) == "running ");
    }
    SECTION("none without those before it: what comes after it would begin before them") {
        const ResumeOptions said{.decisions = {{DecisionType::done, "all[s0].start", ""}}};
        const Ended ended = resume(farm.environment, run, said, {}, nobody);
        CHECK(ended.outcome == Outcome::usage);
        CHECK(
            ended.message ==
            "`all[s0].start` comes after `all[s0].stop`, which is failed: decide in the same call what became of that");
    }
    SECTION("one alone that does not show is not believed") {
        const ResumeOptions said{.decisions = {{DecisionType::done, "all[s0].stop", ""}}};
        const Ended ended = resume(farm.environment, run, said, {}, nobody);
        CHECK(ended.outcome == Outcome::usage);
        CHECK(ended.message == "`all[s0].stop` is not done: server/s0.stream is running, not stopped");
    }
}

TEST_CASE("where one part of what was said is not believed, none of it counts") {
    const Folder folder;
    const Plan plan = test::plan(2);
    NoObserver nobody;
    std::string run;
    {
        Farm farm(open(folder), plan,
                  {.faults = {{.step = "all[s0].stop", .when = Fault::When::before},
                              {.step = "all[s1].stop", .when = Fault::When::before}}});
        run = start(farm.environment, plan, encode(plan), {}, nobody).run;
        set_stream(farm, plan, "s0", "stopped");
    }
    Farm farm(open(folder), plan);
    const auto refused = [&](std::vector<OperatorDecision> decisions) {
        const std::size_t records = farm.store->records(run)->size();
        const Ended ended = resume(farm.environment, run, {.decisions = std::move(decisions)}, {}, nobody);
        CHECK(ended.outcome == Outcome::usage);
        CHECK(farm.store->records(run)->size() == records);
        CHECK(verify::first_fault(*verify_log(*farm.store, run)) == "");
        return ended.message;
    };
    CHECK(refused({{DecisionType::done, "all[s0].stop", ""}, {DecisionType::done, "all[s1].stop", ""}}) ==
          "`all[s1].stop` is not done: server/s1.stream is running, not stopped");
    CHECK(refused({{DecisionType::done, "all[s0].stop", ""}, {DecisionType::redo, "all[s0].stop", ""}}) ==
          "`all[s0].stop` is decided to be done and to be done again: pass one of `--done` and `--redo`");
    CHECK(refused({{DecisionType::redo, "all[s0].stop", ""}, {DecisionType::redo, "all[s2].stop", ""}}) ==
          "the run has no step `all[s2].stop`");
    CHECK(refused({{DecisionType::done, "all[s0].stop", ""}, {DecisionType::kill, "all[s1].stop", ""}}) ==
          "`all[s1].stop` is failed: there is nothing to end");
}

TEST_CASE("nothing is to be decided of a step that is skipped") {
    const Folder folder;
    Plan plan = test::plan(2);
    plan.guards.push_back({.step = "all[s1]", .condition = Expr::literal(Value::boolean(false))});
    plan.graph.nodes[2].guard = plan.graph.nodes[3].guard = GuardId(0);
    seal(plan);
    NoObserver nobody;
    Farm farm(open(folder), plan, {.faults = {{.step = "all[s0].stop", .when = Fault::When::before}}});
    const std::string run = start(farm.environment, plan, encode(plan), {}, nobody).run;
    for (const DecisionType type : {DecisionType::done, DecisionType::redo}) {
        const Ended ended =
            resume(farm.environment, run, {.decisions = {{type, "all[s1].stop", "by hand"}}}, {}, nobody);
        CHECK(ended.outcome == Outcome::usage);
        CHECK(ended.message ==
              "`all[s1].stop` is skipped, because a `when` does not hold: there is nothing to decide about it");
    }
}

TEST_CASE("a job that was ended stays ended where the other decisions are refused, and the journal is whole") {
    const Folder folder;
    const Plan plan = test::plan(2);
    NoObserver nobody;
    PacedFarm farm(open(folder), plan, {.faults = {{.step = "all[s1].stop", .when = Fault::When::before}}});
    farm.hosts.lose("all[s0].stop");
    const std::string run = start(farm.environment, plan, encode(plan), {}, nobody).run;
    const auto proof = [](const state::RunState&, const Unknowns&) {
        return base::Status(base::Error{"what is left cannot go on like this"});
    };
    ResumeOptions said{
        .decisions = {{DecisionType::kill, "all[s0].stop", "it hangs"}, {DecisionType::done, "all[s1].stop", ""}}};
    Outcome expected = Outcome::usage;
    SECTION("it is not done") {}
    SECTION("it cannot go on like this") {
        said.decisions[1].type = DecisionType::redo;
        said.prove_again = proof;
        expected = Outcome::refused;
    }
    CHECK(resume(farm.environment, run, said, {}, nobody).outcome == expected);
    CHECK(farm.store->run(run)->value().outcome == "in doubt");
    CHECK(verify::first_fault(*verify_log(*farm.store, run)) == "");
    const auto now = status(*farm.store, run);
    CHECK(std::any_of(now->nodes.begin(), now->nodes.end(), [](const NodeStatus& one) {
        return one.node == "all[s0].stop" && one.text == "to be ended: it hangs";
    }));
    farm.hosts.answer();
    CHECK(
        resume(farm.environment, run, {.decisions = {{DecisionType::redo, "all[s0].stop", ""}}}, {}, nobody).outcome ==
        Outcome::failed);
    CHECK(verify::first_fault(*verify_log(*farm.store, run)) == "");
}

}  // namespace pvsplan::engine::test
