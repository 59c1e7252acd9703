// Journals in which a requirement was not kept: each is found, at its record.
#include <catch2/catch.hpp>

#include "tests/unit/engine/forged.hpp"

namespace pvsplan::engine::test {

TEST_CASE("states are what they may be from the start of a step to its end") {
    const program::Plan plan = asking(about_stopped(Demand::Form::always, Demand::Bound::at_most, 1));
    CHECK(Forged(plan).all("all[s0].stop").all("all[s0].start").start("all[s1].stop").fault() == "");
    const Forged both = Forged(plan).start("all[s0].stop").start("all[s1].stop");
    CHECK(both.fault() == "record 3: `r` was not kept: 2 down(server) at one moment, 1 allowed: server/s0, server/s1");
    CHECK(Forged(plan).all("all[s0].stop").start("all[s0].start").start("all[s1].stop").fault() != "");
    CHECK(both.report().count(verify::RequirementOutcome::Compliance::broken) == 1);
    CHECK(both.report().is_intact());
    const program::Plan at_least = asking(about_stopped(Demand::Form::always, Demand::Bound::at_least, 1));
    CHECK(Forged(at_least).fault() ==
          "`r` was not kept: 0 down(server) left at one moment, 1 required; otherwise were server/s0, server/s1");
}

TEST_CASE("what has to hold while something happens") {
    Demand demand = about_stopped(Demand::Form::during, Demand::Bound::exactly, 0);
    demand.left = of("start");
    demand.right_quantifier = Demand::Quantifier::some;
    const program::Plan plan = asking(demand);
    Forged run(plan);
    run.all("all[s0].stop").all("all[s1].stop").start("all[s0].start");
    CHECK(run.fault() == "");
    CHECK(run.start("all[s1].start").fault() ==
          "record 7: `r` was not kept: down(server) was not sure while `start` of server/s0 was under way");
}

TEST_CASE("counts and orders are of what happened") {
    Demand count{.form = Demand::Form::count, .bound = Demand::Bound::at_most, .number = number(1), .left = of("stop")};
    CHECK(Forged(asking(count)).all("all[s0].stop").fault() == "");
    const program::Plan counted = asking(count);
    CHECK(Forged(counted).all("all[s0].stop").start("all[s1].stop").fault() ==
          "record 4: `r` was not kept: `stop` happened more often than 1 time");
    Demand never{.form = Demand::Form::never, .left = of("start")};
    const program::Plan forbidden = asking(never);
    CHECK(Forged(forbidden).all("all[s0].stop").start("all[s0].start").fault() ==
          "record 4: `r` was not kept: `start` happened in `all[s0].start`");
    Demand before{.form = Demand::Form::before, .left = of("stop"), .right = of("start")};
    const program::Plan ordered = asking(before);
    CHECK(Forged(ordered).all("all[s0].stop").all("all[s1].stop").start("all[s0].start").fault() == "");
    CHECK(Forged(ordered).all("all[s0].stop").start("all[s0].start").fault() ==
          "record 4: `r` was not kept: `all[s0].start` began before `all[s1].stop` was finished");
    before.same_object = true;
    const program::Plan each = asking(before);
    CHECK(Forged(each).all("all[s0].stop").start("all[s0].start").fault() == "");
}

TEST_CASE("what a run that completes has to show") {
    Demand finally = about_stopped(Demand::Form::finally_, Demand::Bound::exactly, 0);
    const program::Plan plan = asking(finally);
    Forged run(plan);
    for (const char* node : {"all[s0].stop", "all[s0].start", "all[s1].stop", "all[s1].start"}) run.all(node);
    CHECK(run.fault() == "");
    CHECK(run.halt("done").fault() == "`r` was not kept: down(server) does not hold in the end: server/s0");
    Demand then{.form = Demand::Form::then,
                .right_quantifier = Demand::Quantifier::some,
                .left = of("start"),
                .right = of("stop")};
    const program::Plan after = asking(then);
    Forged other(after);
    for (const char* node : {"all[s0].stop", "all[s0].start", "all[s1].stop", "all[s1].start"}) other.all(node);
    CHECK(other.halt("done").fault() == "`r` was not kept: no `stop` came after `start`");
}

TEST_CASE("what `recover` does to a requirement is told apart, for nothing was proved of it") {
    program::Plan plan = asking(about_stopped(Demand::Form::always, Demand::Bound::at_most, 1));
    program::RecoverSteps recovery{.covers = {NodeId(0), NodeId(1), NodeId(2), NodeId(3)}};
    for (std::uint32_t i = 0; i < 2; ++i) {
        Node down = step("down" + std::to_string(i), "stop", "stopped", "start", "running", ObjectId(i));
        recovery.steps.nodes.push_back(std::move(down));
    }
    plan.recoveries = {std::move(recovery)};
    seal(plan);
    Forged run(plan);
    run.all("all[s0].stop")
        .all("all[s0].start")
        .add({.type = RecordType::stopped, .value = "rollback", .text = "asked"});
    run.add({.type = RecordType::rollback_began}).all("recover:restart.down0");
    CHECK(run.report().is_recovering);
    CHECK(run.report().outcomes[0].recover_text.empty());
    run.all("recover:restart.down1");
    const verify::Report report = run.report();
    CHECK(report.is_good());
    CHECK(report.outcomes[0].compliance == verify::RequirementOutcome::Compliance::kept);
    CHECK(report.outcomes[0].recover_record == 10);
    CHECK(report.outcomes[0].recover_text == "2 down(server) at one moment, 1 allowed: server/s0, server/s1");
}

TEST_CASE("what is said at once is judged as one, and nothing is done by hand before its turn") {
    const program::Plan plan = asking(about_stopped(Demand::Form::always, Demand::Bound::at_most, 1));
    const auto by_hand = [](const char* node, const char* server, const char* stream, const char* said) {
        return Record{.type = RecordType::reconciled,
                      .node = node,
                      .value = "finished",
                      .by = "anna",
                      .said = said,
                      .states = {{server, {{"stream", stream}}}}};
    };
    const char* const down = R"({"enum": "stopped"})";
    const char* const up = R"({"enum": "running"})";
    const auto told = [&](const char* first, const char* second) {
        return Forged(plan)
            .all("all[s0].stop")
            .add(by_hand("all[s1].stop", "server/s1", down, first))
            .add(by_hand("all[s0].start", "server/s0", up, second))
            .fault();
    };
    CHECK(told("one", "one") == "");
    CHECK_THAT(told("one", "two"), Catch::StartsWith("record 4: `r` was not kept"));
    CHECK_THAT(told("", ""), Catch::StartsWith("record 4: `r` was not kept"));
    CHECK(Forged(plan).add(by_hand("all[s0].start", "server/s0", up, "")).fault() ==
          "record 2: it is said to be done before `all[s0].stop` is over");
}

TEST_CASE("what is not known is not taken for kept") {
    program::Plan plan = asking(about_stopped(Demand::Form::always, Demand::Bound::at_most, 0));
    plan.objects[0].state.clear();
    plan.requirements.push_back({.name = "old"});
    plan.requirements.push_back(plan.requirements[0]);
    plan.requirements[2].waived_because = "known";
    seal(plan);
    const verify::Report report = Forged(plan).report();
    REQUIRE(report.outcomes.size() == 3);
    CHECK(report.outcomes[0].compliance == verify::RequirementOutcome::Compliance::not_told);
    CHECK(report.outcomes[1].text == "the compiled plan has its text only");
    CHECK(report.outcomes[1].compliance == verify::RequirementOutcome::Compliance::not_told);
    CHECK(report.outcomes[2].compliance == verify::RequirementOutcome::Compliance::waived);
    CHECK(report.is_good());
}

TEST_CASE("an event begins when its step first does, and is over when it last comes to its end") {
    Demand before{.form = Demand::Form::before, .left = of("stop"), .right = of("start")};
    program::Plan plan = asking(before);
    for (Node& node : plan.graph.nodes) node.retry.times = 1;
    seal(plan);
    const std::string early = "`r` was not kept: `all[s0].start` began before `all[s1].stop` was finished";
    Forged first(plan);
    first.all("all[s0].stop").start("all[s0].start").fail("all[s0].start").start("all[s0].start", 2);
    CHECK(first.fault() == "record 4: " + early);
    const auto reconciled = [](const char* value) {
        return Record{.type = RecordType::reconciled, .node = "all[s1].stop", .value = value};
    };
    CHECK(Forged(plan).all("all[s0].stop").start("all[s1].stop").start("all[s0].start").fault() ==
          "record 5: " + early);
    CHECK(Forged(plan).all("all[s0].stop").add(reconciled("finished")).start("all[s0].start").fault() == "");
    CHECK(Forged(plan)
              .all("all[s0].stop")
              .start("all[s1].stop")
              .add(reconciled("again"))
              .start("all[s0].start")
              .fault() == "record 6: " + early);
    Forged doubted(plan);
    doubted.all("all[s0].stop")
        .start("all[s1].stop")
        .add({.type = RecordType::doubted, .node = "all[s1].stop", .attempt = 1});
    CHECK(doubted.add(reconciled("finished")).start("all[s0].start").fault() == "");

    program::Plan asks = asking({.form = Demand::Form::never, .left = of("approve")});
    asks.graph.nodes.push_back({.id = "look", .type = Node::Type::approval, .does = {{"approve", ObjectId(0)}}});
    seal(asks);
    CHECK(Forged(asks).add({.type = RecordType::approved, .node = "look", .by = "otto"}).fault() ==
          "record 2: `r` was not kept: `approve` happened in `look`");
}

TEST_CASE("what a `when` left out did not happen, and is not waited for") {
    Demand count{.form = Demand::Form::count, .bound = Demand::Bound::exactly, .number = number(2), .left = of("stop")};
    Demand before{.form = Demand::Form::before, .left = of("stop"), .right = of("start")};
    for (const char* value : {"holds", "fails"}) {
        program::Plan plan = asking(before);
        plan.requirements.push_back({.name = "two", .demand = count});
        plan.guards.push_back({.step = "when", .condition = Expr::literal(Value::boolean(value[0] == 'h'))});
        plan.graph.nodes[2].guard = plan.graph.nodes[3].guard = GuardId(0);
        seal(plan);
        Forged run(plan);
        run.add({.type = RecordType::decided, .node = "when", .value = value}).all("all[s0].stop");
        run.all("all[s0].start");
        const verify::Report report = run.report();
        CHECK((report.outcomes[0].compliance == verify::RequirementOutcome::Compliance::kept) == (value[0] == 'f'));
        CHECK(report.outcomes[1].compliance == verify::RequirementOutcome::Compliance::kept);
        CHECK_FALSE(report.is_over);
    }
}

TEST_CASE("nothing is held against a rollback by `recover`, and all against one that undoes step by step") {
    program::Plan plan = asking(about_stopped(Demand::Form::always, Demand::Bound::at_most, 0));
    plan.objects[0].state["stream"] = Value::enumerator("running");
    const auto rolled = [](const program::Plan& of, const char* undo) {
        Forged run(of);
        run.add({.type = RecordType::reconciled, .node = "all[s0].start", .value = "finished"});
        run.add({.type = RecordType::stopped, .value = "rollback", .text = "asked", .by = "anna"})
            .add({.type = RecordType::rollback_began});
        return run.start(undo).report();
    };
    const verify::Report undone = rolled(plan, "undo:all[s0].start");
    CHECK_FALSE(undone.is_recovering);
    CHECK(undone.outcomes[0].compliance == verify::RequirementOutcome::Compliance::broken);
    program::RecoverSteps recovery{.group = "all", .covers = {NodeId(1)}};
    recovery.steps.nodes = {step("stop", "stop", "stopped", "start", "running", ObjectId(0))};
    plan.recoveries.push_back(recovery);
    seal(plan);
    const verify::Report recovered = rolled(plan, "recover:all.stop");
    CHECK(recovered.is_recovering);
    CHECK(recovered.outcomes[0].compliance == verify::RequirementOutcome::Compliance::kept);
}

TEST_CASE("what the store says of a run has to fit its records") {
    const program::Plan plan = chain(1);
    const auto fault = [](ports::RunRow row) { return verify::fault_of_tail(row, 3, "hash", "failed"); };
    CHECK(fault({.outcome = "failed", .records = 3, .head = "hash"}) == "");
    CHECK(fault({.outcome = "given up", .records = 3, .head = "hash"}) == "");
    CHECK(fault({.outcome = "failed", .records = 5, .head = "hash"}) ==
          "the run has had 5 records, but 3 are there: record 4 and what followed are missing");
    CHECK(fault({.outcome = "failed", .records = 2, .head = "hash"}) ==
          "the store knows of 2 records, but 3 are there: record 3 was added");
    CHECK(fault({.outcome = "failed", .records = 3, .head = "other"}) ==
          "record 3 is not the one that the store knows as the last: it was exchanged");
    CHECK(fault({.outcome = "done", .records = 3, .head = "hash"}) ==
          "the store says that the run stands as `done`, its records say `failed`");
    const auto of_plan = [&](ports::RunRow row) { return verify::fault_of_row(row, plan); };
    CHECK(of_plan({.plan = plan.name, .farm = plan.farm, .digest = plan.digest}) == "");
    CHECK(of_plan({.plan = plan.name, .farm = "other", .digest = plan.digest}) ==
          "the store says that the run is one of the plan `" + plan.name +
              "` on the farm `other`, its compiled plan is `" + plan.name + "` on the farm `" + plan.farm + "`");
    CHECK(of_plan({.plan = plan.name, .farm = plan.farm, .digest = "other"}) ==
          "the store says that the run is one of the compiled plan other, it is one of " + plan.digest);
}

}  // namespace pvsplan::engine::test
