// What comes late, early, or behind something else.
#include <catch2/catch.hpp>

#include "tests/unit/engine/paced.hpp"

namespace pvsplan::engine::test {
namespace {

using Fault = transport::SimulatedFault;

// Two states of one server, each set by a step of its own; `last` starts it again once both are over.
Plan two_states() {
    Plan plan = test::plan(1);
    plan.kinds["server"].state.push_back({"level", Type::enumeration({"low", "high"}), std::nullopt});
    plan.objects[0].state["level"] = Value::enumerator("low");
    plan.actions["raise"] = {.name = "raise",
                             .on_kind = "server",
                             .sets = {{on_local(), "level", word("high")}},
                             .run = {.type = Body::Type::powershell, .text = "…"}};
    Node raise{.id = "raise", .action = "raise", .on = ObjectId(0), .sets = {{ObjectId(0), "level", word("high")}}};
    plan.graph.nodes[0].id = "stop";
    plan.graph.nodes[1].id = "last";
    plan.graph.nodes.insert(plan.graph.nodes.begin() + 1, raise);
    plan.graph.edges = {{.from = NodeId(0), .to = NodeId(2)}, {.from = NodeId(1), .to = NodeId(2)}};
    seal(plan);
    return plan;
}

// Ctrl-C twice as soon as the first step has begun.
class Cut final : public ports::Signals, public Observer {
  public:
    [[nodiscard]] int count() const override { return has_begun_ ? 2 : 0; }
    [[nodiscard]] int number() const override { return 2; }
    void on(const Event& event) override { has_begun_ = has_begun_ || event.type == Event::Type::step_started; }

  private:
    bool has_begun_ = false;
};

class Notes final : public Observer {
  public:
    void on(const Event& event) override {
        if (event.type == Event::Type::note) text += event.text + "\n";
    }
    std::string text;
};

}  // namespace

TEST_CASE("what was under way when a process ended is not said to run") {
    const Plan plan = test::plan(1);
    const Folder folder;
    PacedFarm farm(open(folder), plan);
    farm.hosts.takes("all[s0].stop", 1000);
    Cut cut;
    farm.environment.signals = &cut;
    const Ended ended = start(farm.environment, plan, encode(plan), {}, cut);
    REQUIRE(ended.outcome == Outcome::interrupted);
    const auto stands = status(*farm.store, ended.run);
    CHECK(stands->nodes[0].state == "not known");
    CHECK(stands->nodes[0].text == "it was under way when its process ended; `resume` looks what became of it");
    // Another process has the run, of which nobody here can say whether it lives.
    ports::Identity far = farm.environment.me;
    far.host = "elsewhere";
    far.machine = far.boot = far.space = "another";
    const auto taken = farm.store->acquire(plan.farm, {.who = far, .run = ended.run, .since = 1}, ports::Take::if_free);
    REQUIRE(taken->lease);
    CHECK(farm.store->append(*taken->lease, ended.run, {}, "", 1).ok());
    CHECK(status(*farm.store, ended.run)->nodes[0].state == "may be running");
    CHECK(farm.store->append(*taken->lease, ended.run, {}, "interrupted", 1).ok());
    CHECK(farm.store->release(*taken->lease).ok());
    farm.environment.signals = &farm.signals;
    Notes notes;
    CHECK(resume(farm.environment, ended.run, {}, {}, notes).outcome == Outcome::done);
    CHECK(notes.text ==
          "`all[s0].stop` had begun when the process before this one ended: now it is looked at what became of that\n");
}

TEST_CASE("a retry that is due behind a halt does not make the run turn without end") {
    Plan plan = test::plan(3);
    plan.graph.edges.clear();
    plan.graph.nodes = {plan.graph.nodes[0], plan.graph.nodes[2], plan.graph.nodes[4]};
    plan.graph.nodes[0].retry = {.times = 1, .delay_ms = 20};
    seal(plan);
    const Folder folder;
    PacedFarm farm(open(folder), plan,
                   {.faults = {{.step = "all[s0].stop", .when = Fault::When::before},
                               {.step = "all[s1].stop", .when = Fault::When::before}}});
    farm.hosts.takes("all[s0].stop", 10);  // fails, and is tried again at 30
    farm.hosts.takes("all[s1].stop", 20);  // fails for good
    farm.hosts.takes("all[s2].stop", 5000);
    NoObserver nobody;
    CHECK(start(farm.environment, plan, encode(plan), {}, nobody).outcome == Outcome::failed);
    CHECK(farm.clock.steady() >= 6000);
    CHECK(farm.clock.waits < 100);
}

TEST_CASE("what is to be tried again at the end is not, once the run is rolled back") {
    Plan plan = test::plan(2);
    plan.instances.push_back({.path = "all[s0]", .loop = "all", .max_failures = 1});
    plan.graph.nodes[0].instance = plan.graph.nodes[1].instance = InstanceId(0);
    plan.graph.nodes.insert(plan.graph.nodes.begin() + 2, {.id = "look", .type = Node::Type::approval, .text = "look"});
    for (std::uint32_t i = 0; i + 1 < 5; ++i) plan.graph.edges.push_back({.from = NodeId(i), .to = NodeId(i + 1)});
    plan.graph.edges.erase(plan.graph.edges.begin(), plan.graph.edges.begin() + 2);
    plan.graph.nodes[4].on_failure = OnFailure::rollback;
    seal(plan);
    const Folder folder;
    PacedFarm farm(open(folder), plan,
                   {.faults = {{.step = "all[s0].start", .when = Fault::When::before},
                               {.step = "all[s1].start", .when = Fault::When::before}}});
    NoObserver nobody;
    const std::string run = start(farm.environment, plan, encode(plan), {}, nobody).run;
    REQUIRE(approve(farm.environment, run, "look", "").outcome == Outcome::done);
    CHECK(resume(farm.environment, run, {}, {}, nobody).outcome == Outcome::rolled_back);
    CHECK(states(farm.environment, plan) == "running running ");
    CHECK(verify::first_fault(*verify_log(*farm.store, run)) == "");
}

TEST_CASE(
    "an observation that was made before another step of its object had ended says nothing of what that one set") {
    const Plan plan = two_states();
    const Folder folder;
    PacedFarm farm(open(folder), plan);
    NoObserver nobody;
    SECTION("it comes back once the other is over") {
        farm.hosts.takes("stop", 500);
        farm.hosts.takes("observe server/s0", 2000);  // of `raise`, which is the first to be looked at
    }
    SECTION("it comes back before") {
        farm.hosts.takes("stop", 5000);
        farm.hosts.takes("observe server/s0", 1000);
    }
    const Ended ended = start(farm.environment, plan, encode(plan), {}, nobody);
    CHECK(ended.outcome == Outcome::done);  // else `last` finds its `requires` not to hold
    const auto lines = log(*farm.store, ended.run);
    for (const LogLine& line : *lines)
        if (line.kind == "finished" && line.node == "raise") CHECK_THAT(line.json, !Catch::Contains("stream"));
    CHECK(verify::first_fault(*verify_log(*farm.store, ended.run)) == "");
}

TEST_CASE("a step of which all is there is not tried again by itself though it reported failure") {
    Plan plan = test::plan(1);
    plan.graph.nodes[0].retry = {.times = 2, .delay_ms = 1};
    seal(plan);
    const Folder folder;
    PacedFarm farm(open(folder), plan, {.faults = {{.step = "all[s0].stop", .when = Fault::When::after}}});
    NoObserver nobody;
    const Ended ended = start(farm.environment, plan, encode(plan), {}, nobody);
    CHECK(ended.outcome == Outcome::failed);
    CHECK(status(*farm.store, ended.run)->nodes[0].attempts == 1);
    CHECK(resume(farm.environment, ended.run, {}, {}, nobody).outcome == Outcome::in_doubt);
    CHECK(status(*farm.store, ended.run)->nodes[0].attempts == 1);
}

// Its first attempt took effect, its second never began: an undo leads to where it was before the first.
TEST_CASE("a step is undone to the state before its first attempt, though its last one did not begin") {
    Plan plan = test::plan(1);
    plan.actions["stop"].precondition = nullptr;
    seal(plan);
    const Folder folder;
    PacedFarm farm(open(folder), plan,
                   {.faults = {{.step = "all[s0].stop", .when = Fault::When::after, .attempts = 1}}});
    NoObserver nobody;
    const std::string run = start(farm.environment, plan, encode(plan), {}, nobody).run;
    farm.hosts.lose("all[s0].stop", Paced::Lost::unreached);
    const ResumeOptions redo{.decisions = {{OperatorDecision::Type::redo, "all[s0].stop", "seen"}}};
    CHECK(resume(farm.environment, run, redo, {}, nobody).outcome == Outcome::failed);
    const bool is_tried_again = GENERATE(true, false);
    farm.hosts.answer();
    if (is_tried_again) CHECK(resume(farm.environment, run, {}, {}, nobody).outcome == Outcome::done);
    CHECK(rollback(farm.environment, run, {.because = "enough"}, {}, nobody).outcome == Outcome::rolled_back);
    CHECK(states(farm.environment, plan) == "running ");
    CHECK(verify::first_fault(*verify_log(*farm.store, run)) == "");
}

// What it sets can be seen; what it put out cannot, and without it nobody can say whether `start` is to run.
TEST_CASE("a step that nobody saw the end of is in doubt while somebody reads what it put out") {
    Plan plan = test::plan(1);
    plan.objects[0].connect["over"] = Value::string("fake");
    plan.actions["stop"].outputs["code"] = std::make_shared<const Expr>(Expr{.op = Expr::Op::exit_code});
    plan.actions["stop"].output_types["code"] = Type{.category = Type::Category::integer};
    const auto code =
        std::make_shared<const Expr>(Expr{.op = Expr::Op::output, .name = "code", .step = "all[s0].stop"});
    const auto is_0 =
        std::make_shared<const Expr>(Expr{.op = Expr::Op::equal, .args = {code, Expr::literal(Value::integer(0))}});
    const bool is_read = GENERATE(true, false);
    if (is_read) plan.guards.push_back({.step = "all[s0].start", .condition = is_0});
    if (is_read) plan.graph.nodes[1].guard = GuardId(0);
    seal(plan);
    const Folder folder;
    PacedFarm farm(open(folder), plan);
    farm.environment.transports["fake"] = &farm.hosts;
    farm.hosts.lose("all[s0].stop", Paced::Lost::done);
    NoObserver nobody;
    const Ended ended = start(farm.environment, plan, encode(plan), {}, nobody);
    REQUIRE(ended.outcome == (is_read ? Outcome::in_doubt : Outcome::done));
    if (!is_read) return;
    CHECK_THAT(ended.wanted[0].text,
               Catch::Contains("nobody has seen its output `code`, which the `when` of `all[s0].start` reads"));
    CHECK(resume(farm.environment, ended.run, {}, {}, nobody).outcome == Outcome::in_doubt);
    ResumeOptions said{.decisions = {{OperatorDecision::Type::done, "all[s0].stop", "seen"}}};
    CHECK_THAT(resume(farm.environment, ended.run, said, {}, nobody).message, Catch::Contains("`--output code=VALUE`"));
    said.decisions[0].outputs["code"] = "x";
    CHECK(resume(farm.environment, ended.run, said, {}, nobody).message ==
          "the output `code` of `all[s0].stop` is `x`, which is no int");
    said.decisions[0].outputs["code"] = "0";
    CHECK(resume(farm.environment, ended.run, said, {}, nobody).outcome == Outcome::done);
    CHECK(status(*farm.store, ended.run)->nodes[1].state == "finished");
}

}  // namespace pvsplan::engine::test
