// Journals that no run of the plan may have written, or in which a requirement was not kept: each is found, at its
// record.
#include <catch2/catch.hpp>

#include "runtime/journal/replay.hpp"
#include "runtime/state/rollback_program.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

using journal::Record;
using RecordType = Record::Type;

// A journal that is whole, whatever it says.
class Forged {
  public:
    explicit Forged(const program::Plan& plan) : plan_(&plan), run_(plan) {
        add({.type = RecordType::began, .value = plan.digest, .by = "anna"});
    }
    Forged(const Forged& other) : plan_(other.plan_), run_(*other.plan_) {
        for (const Record& record : other.records_) add(record);
    }
    Forged& operator=(const Forged&) = delete;
    Forged& add(Record record) {
        ports::RecordRow row = journal::seal(run_, record);
        records_.push_back(record);
        const base::Status applied = journal::apply(run_, record);
        INFO((applied.ok() ? "" : applied.error().text()));
        REQUIRE(applied.ok());
        run_.last_hash = row.hash;
        rows_.push_back(std::move(row));
        return *this;
    }
    Forged& start(const std::string& node, std::uint32_t attempt = 1) {
        return add({.type = RecordType::started, .node = node, .attempt = attempt});
    }
    Forged& finish(const std::string& node) {
        const auto id = run_.now().by_path.at(node);
        state::ObjectStates states;
        for (const program::Setting& set : run_.now().node(id).sets)
            states[set.object][set.attribute] = set.value->value;
        return add({.type = RecordType::finished,
                    .node = node,
                    .attempt = 1,
                    .states = journal::encode_states(states, *plan_)});
    }
    Forged& fail(const std::string& node) {
        return add({.type = RecordType::failed, .node = node, .attempt = 1, .exit_status = 1});
    }
    Forged& all(const std::string& node) { return start(node).finish(node); }
    Forged& halt(const std::string& outcome) { return add({.type = RecordType::halted, .value = outcome}); }

    [[nodiscard]] verify::Report report() const {
        return verify::verify(*plan_, {.outcome = run_.halted, .records = rows_.size(), .head = rows_.back().hash},
                              rows_);
    }
    [[nodiscard]] std::string fault() const { return verify::first_fault(report()); }

  private:
    const program::Plan* plan_;
    state::RunState run_;
    std::vector<Record> records_;
    std::vector<ports::RecordRow> rows_;
};

ExprPtr number(std::int64_t n) { return Expr::literal(Value::integer(n)); }

program::Plan chain(std::size_t servers) {
    program::Plan plan = test::plan(servers);
    for (std::uint32_t i = 0; i < 2 * servers; ++i)
        plan.graph.nodes[i].does = {{i % 2 == 0 ? "stop" : "start", plan.graph.nodes[i].on}};
    plan.graph.edges.clear();
    for (std::uint32_t i = 0; i + 1 < 2 * servers; ++i)
        plan.graph.edges.push_back({.from = NodeId(i), .to = NodeId(i + 1)});
    seal(plan);
    return plan;
}

program::Plan in_iterations() {
    program::Plan plan = chain(3);
    for (std::uint32_t i = 0; i < 3; ++i) {
        plan.instances.push_back({.path = "all[s" + std::to_string(i) + "]", .loop = "all", .max_failures = 1});
        plan.graph.nodes[2 * i].instance = plan.graph.nodes[2 * i + 1].instance = InstanceId(i);
    }
    seal(plan);
    return plan;
}

Demand about_stopped(Demand::Form is, Demand::Bound bound, std::int64_t n) {
    return {.form = is,
            .bound = bound,
            .number = number(n),
            .state = StateDemand{"server", stream_is("stopped"), nullptr, "down(server)"}};
}
EventDemand of(const char* verb) { return {verb, "server", nullptr, nullptr}; }

program::Plan asking(Demand demand) {
    program::Plan plan = test::plan(2);  // concurrently
    for (std::uint32_t i = 0; i < 4; ++i)
        plan.graph.nodes[i].does = {{i % 2 == 0 ? "stop" : "start", plan.graph.nodes[i].on}};
    plan.requirements = {{.name = "r", .demand = std::move(demand)}};
    seal(plan);
    return plan;
}

}  // namespace

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

TEST_CASE("states are what they may be from the start of a step to its end") {
    const program::Plan plan = asking(about_stopped(Demand::Form::always, Demand::Bound::at_most, 1));
    CHECK(Forged(plan).all("all[s0].stop").all("all[s0].start").start("all[s1].stop").fault() == "");
    const Forged both = Forged(plan).start("all[s0].stop").start("all[s1].stop");
    CHECK(both.fault() == "record 3: `r` was not kept: 2 down(server) at one moment, 1 allowed: server/s0, server/s1");
    CHECK(Forged(plan).all("all[s0].stop").start("all[s0].start").start("all[s1].stop").fault() != "");
    CHECK(both.report().count(verify::RequirementOutcome::Verdict::broken) == 1);
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
          "record 4: `r` was not kept: `stop` happened more often than 1 times");
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
    CHECK(report.outcomes[0].verdict == verify::RequirementOutcome::Verdict::kept);
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
    CHECK(report.outcomes[0].verdict == verify::RequirementOutcome::Verdict::not_told);
    CHECK(report.outcomes[1].text == "the compiled plan has its text only");
    CHECK(report.outcomes[1].verdict == verify::RequirementOutcome::Verdict::not_told);
    CHECK(report.outcomes[2].verdict == verify::RequirementOutcome::Verdict::waived);
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
        CHECK((report.outcomes[0].verdict == verify::RequirementOutcome::Verdict::kept) == (value[0] == 'f'));
        CHECK(report.outcomes[1].verdict == verify::RequirementOutcome::Verdict::kept);
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
    CHECK(undone.outcomes[0].verdict == verify::RequirementOutcome::Verdict::broken);
    program::RecoverSteps recovery{.group = "all", .covers = {NodeId(1)}};
    recovery.steps.nodes = {step("stop", "stop", "stopped", "start", "running", ObjectId(0))};
    plan.recoveries.push_back(recovery);
    seal(plan);
    const verify::Report recovered = rolled(plan, "recover:all.stop");
    CHECK(recovered.is_recovering);
    CHECK(recovered.outcomes[0].verdict == verify::RequirementOutcome::Verdict::kept);
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
}

}  // namespace pvsplan::engine::test
