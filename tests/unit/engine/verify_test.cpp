// Journals that no run of the plan may have written: each is found, at its record.
#include <catch2/catch.hpp>

#include "tests/unit/engine/forged.hpp"

namespace pvsplan::engine::test {

TEST_CASE("what comes before its turn is found") {
    const program::Plan plan = chain(2);
    CHECK(Forged(plan).all("all[s0].stop").all("all[s0].start").fault() == "");
    CHECK(Forged(plan).start("all[s0].start").fault() == "record 2: it begins before `all[s0].stop` is over");
    CHECK(Forged(plan).start("all[s0].stop").start("all[s0].start").fault() ==
          "record 3: it begins before `all[s0].stop` is over");
    CHECK(Forged(plan).start("all[s0].stop", 2).fault() == "record 2: attempt 2 follows attempt 0");
    CHECK(Forged(plan).all("all[s0].stop").halt("done").fault() == "record 4: `all[s0].start` is not over");
    CHECK(Forged(plan).add({.type = RecordType::rollback_began}).fault() == "record 2: nobody has decided it");
}

TEST_CASE("a failure that nothing contains lets nothing begin") {
    const program::Plan plan = test::plan(2);
    CHECK(Forged(plan).start("all[s0].stop").fail("all[s0].stop").start("all[s1].stop").fault() ==
          "record 4: it begins although `all[s0].stop` has failed, and no iteration was abandoned with it");
    Forged doubted(plan);
    doubted.start("all[s0].stop").add({.type = RecordType::doubted, .node = "all[s0].stop", .attempt = 1});
    CHECK(doubted.start("all[s1].stop").fault() == "record 4: it begins although `all[s0].stop` is in doubt");
    Forged rolled(plan);
    rolled.add({.type = RecordType::stopped, .value = "rollback", .text = "asked", .by = "anna"});
    CHECK(rolled.start("all[s1].stop").fault() == "record 3: it begins although the run is to be rolled back");
}

TEST_CASE("no more iterations are abandoned than may be, and those are tried again last") {
    const program::Plan plan = in_iterations();
    Forged one(plan);
    one.start("all[s0].stop").fail("all[s0].stop").add({.type = RecordType::abandoned, .node = "all[s0]"});
    one.all("all[s1].stop");
    CHECK(one.fault() == "");
    Forged too_many = one;
    too_many.start("all[s1].start").fail("all[s1].start").add({.type = RecordType::abandoned, .node = "all[s1]"});
    CHECK(too_many.fault() == "record 9: it is number 2 that is abandoned of `all`, and 1 may be");
    Forged early = one;
    early.add({.type = RecordType::readmitted, .node = "all[s0]"});
    CHECK(early.fault() == "record 7: `all[s0]` is tried again before `all[s1].start` is over");
    CHECK(Forged(one).start("all[s0].start").fault() == "record 7: it begins although its iteration was abandoned");
    Forged without = one;
    without.all("all[s1].start").all("all[s2].stop").all("all[s2].start").halt("done");
    CHECK(without.fault() == "record 13: `all[s0].stop` was abandoned");
    CHECK(Forged(plan).add({.type = RecordType::abandoned, .node = "all[s0]"}).fault() ==
          "record 2: nothing of it has failed");
}

TEST_CASE("an approval is of somebody who may, in its turn") {
    program::Plan plan = chain(1);
    plan.approvers = {"otto", "anna"};
    plan.graph.nodes.push_back({.id = "look", .type = Node::Type::approval, .text = "look"});
    plan.graph.edges.push_back({.from = NodeId(1), .to = NodeId(2)});
    seal(plan);
    const auto approved = [&](const char* by) {
        return Forged(plan)
            .all("all[s0].stop")
            .all("all[s0].start")
            .add({.type = RecordType::approved, .node = "look", .by = by})
            .fault();
    };
    CHECK(approved("otto") == "");
    CHECK(approved("eve") == "record 6: `eve` may not approve steps of this plan; its approvers are otto, anna");
    CHECK(approved("anna") == "record 6: `anna` started the run; somebody else has to approve");
    CHECK(Forged(plan).add({.type = RecordType::approved, .node = "look", .by = "otto"}).fault() ==
          "record 2: it begins before `all[s0].start` is over");
}

TEST_CASE("an approval of a step is of somebody whom the step names, and not of whoever has the run") {
    program::Plan plan = chain(1);
    plan.graph.nodes.push_back({.id = "look", .type = Node::Type::approval, .text = "look"});
    plan.graph.nodes.back().approvers = program::Approvers{.by = {"CORP\\leads", "otto"}, .is_not_by_starter = true};
    seal(plan);
    Forged taken(plan);
    taken.all("all[s0].stop").all("all[s0].start").add({.type = RecordType::taken, .by = "zoe", .account = "7@m"});
    taken.add({.type = RecordType::taken, .by = "kim"});  // of a host
    const auto approved = [&](const char* by, const char* account, const std::vector<std::string>& as) {
        const Record given{.type = RecordType::approved, .node = "look", .by = by, .account = account, .names = as};
        return Forged(taken).add(given).fault();
    };
    CHECK(approved("otto", "8@m", {}) == "");
    CHECK(approved("kim", "8@m", {"CORP\\leads"}) == "");
    CHECK_THAT(approved("otto", "7@m", {}), Catch::Contains("`otto` is the same account as `zoe`, who took the run"));
    CHECK_THAT(approved("eve", "8@m", {"staff"}),
               Catch::Contains("record 8: `eve` may not approve `look`; who may is"));
    CHECK_THAT(approved("zoe", "8@m", {"CORP\\leads"}), Catch::Contains("record 8: `zoe` took the run over"));
}

TEST_CASE("a condition is decided in its turn, and as what was known says") {
    program::Plan plan = chain(1);
    plan.guards.push_back({.step = "when", .condition = Expr::literal(Value::boolean(false))});
    plan.graph.nodes[1].guard = GuardId(0);
    seal(plan);
    const auto decided = [](const char* value) {
        return Record{.type = RecordType::decided, .node = "when", .value = value};
    };
    CHECK(Forged(plan).all("all[s0].stop").add(decided("fails")).halt("done").fault() == "");
    CHECK(Forged(plan).add(decided("fails")).fault() == "record 2: it is decided before any of its steps could begin");
    CHECK(Forged(plan).all("all[s0].stop").add(decided("holds")).fault() ==
          "record 4: it is decided otherwise than what was known says");
    CHECK(Forged(plan).all("all[s0].stop").start("all[s0].start").fault() ==
          "record 4: it begins before its `when` was decided");
    CHECK(Forged(plan).all("all[s0].stop").add(decided("fails")).start("all[s0].start").fault() ==
          "record 5: it begins although its `when` does not hold");
}

TEST_CASE("a condition that nobody can decide fails a step under it, and is no begin of it") {
    program::Plan plan = chain(1);
    plan.kinds["server"].state.push_back({"level", Type::enumeration({"low", "high"}), std::nullopt});
    const auto level =
        make_expr({.op = Expr::Op::state, .name = "level", .args = {Expr::literal(Value::object(ObjectId(0)))}});
    plan.guards = {{.step = "outer", .condition = make_expr({.op = Expr::Op::equal, .args = {level, word("high")}})},
                   {.step = "inner", .condition = Expr::literal(Value::boolean(true)), .parent = GuardId(0)}};
    plan.graph.nodes[1].guard = GuardId(1);
    const auto forged = [&](const char* done) {
        seal(plan);
        Forged run(plan);
        if (*done != '\0') run.all(done);
        return run.add({.type = RecordType::failed, .node = "all[s0].start", .text = "nobody knows"}).fault();
    };
    CHECK(forged("all[s0].stop") == "");
    CHECK(forged("") == "record 2: it fails for a `when` under which no step could begin");
    plan.guards[0].condition = Expr::literal(Value::boolean(true));
    CHECK(forged("all[s0].stop") == "record 4: it fails before its `when` was decided");
    plan.guards[0].condition = nullptr;
    CHECK(forged("all[s0].stop") == "record 4: it fails before its `when` was decided");
    // Another step under it comes first: it is the turn of the condition, though not yet of the step that fails.
    plan.guards[0].condition = make_expr({.op = Expr::Op::equal, .args = {level, word("high")}});
    plan.graph.nodes[0].guard = GuardId(0);
    CHECK(forged("") == "");
}

TEST_CASE("a condition that a simulated farm does not tell may fail, as before, or its opposite hold") {
    program::Plan plan = chain(1);
    plan.kinds["server"].state.push_back({"level", Type::enumeration({"low", "high"}), std::nullopt});
    const auto level =
        make_expr({.op = Expr::Op::state, .name = "level", .args = {Expr::literal(Value::object(ObjectId(0)))}});
    plan.graph.nodes[1].guard = GuardId(0);
    const auto decided = [&](const Expr& condition, const char* value) {
        plan.guards = {{.step = "when", .condition = make_expr(condition)}};
        seal(plan);
        const Record record{.type = RecordType::decided, .node = "when", .value = value};
        return Forged(plan).all("all[s0].stop").add(record).fault();
    };
    const Expr is_high = {.op = Expr::Op::equal, .args = {level, word("high")}};
    const Expr is_not_high = {.op = Expr::Op::logical_not, .args = {make_expr(is_high)}};
    CHECK(decided(is_high, "fails") == "");
    CHECK(decided(is_high, "holds") == "record 4: it is decided otherwise than what was known says");
    CHECK(decided(is_not_high, "fails") == "");
    CHECK(decided(is_not_high, "holds") == "");
}

TEST_CASE("a condition that nobody can decide holds where people are asked, and nothing is done to a host under it") {
    enum class Under : std::uint8_t { approval, step, simulated_step, step_at_host, step_of_nobody };
    for (const bool is_whole : {false, true})
        for (const Under under :
             {Under::approval, Under::step, Under::simulated_step, Under::step_at_host, Under::step_of_nobody}) {
            program::Plan plan = chain(2);
            plan.kinds["server"].state.push_back({"level", Type::enumeration({"low", "high"}), std::nullopt});
            if (!is_whole) plan.objects[0].connect = {{"over", Value::enumerator("ssh")}};
            const auto level = make_expr(
                {.op = Expr::Op::state, .name = "level", .args = {Expr::literal(Value::object(ObjectId(0)))}});
            plan.guards = {
                {.step = "when", .condition = make_expr({.op = Expr::Op::equal, .args = {level, word("high")}})}};
            Node& node = plan.graph.nodes[1];
            const Action any{.name = "any", .run = {.type = Body::Type::command}};
            if (under == Under::approval) node = {.id = node.id, .type = Node::Type::approval};
            if (under == Under::simulated_step) node.on = ObjectId(1);
            if (under == Under::step_of_nobody) node = {.id = node.id, .action = "any"};
            if (under == Under::step_at_host) {
                node.on = ObjectId(1);
                plan.actions["start"].at = make_expr({.op = Expr::Op::local, .local = 1, .name = "there"});
                plan.actions["start"].parameters = {{"there", Type::of(Type::Category::object)}};
                node.with = {Expr::literal(Value::object(ObjectId(0)))};
            }
            node.guard = GuardId(0);
            plan.actions["any"] = any;
            seal(plan);
            const auto decided = [&](const char* value) {
                return Forged(plan)
                    .all("all[s0].stop")
                    .add({.type = RecordType::decided, .node = "when", .value = value})
                    .fault();
            };
            const bool holds = !is_whole && (under == Under::approval || under == Under::simulated_step);
            INFO(static_cast<int>(under) << is_whole);
            CHECK((decided("holds") == "") == holds);
            CHECK((decided("fails") == "") != holds);
        }
}

TEST_CASE("what is undone is undone in the reverse order") {
    const program::Plan plan = chain(2);
    Forged run(plan);
    for (const char* node : {"all[s0].stop", "all[s0].start", "all[s1].stop"}) run.all(node);
    run.add({.type = RecordType::stopped, .value = "rollback", .text = "asked", .by = "anna"})
        .add({.type = RecordType::rollback_began});
    CHECK(Forged(run).all("undo:all[s1].stop").all("undo:all[s0].start").fault() == "");
    CHECK(Forged(run).start("undo:all[s0].start").fault() == "record 10: it begins before `undo:all[s1].stop` is over");
}

}  // namespace pvsplan::engine::test
