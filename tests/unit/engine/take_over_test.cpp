// Who has a run: what is told of a process, how a run stands, and how a person takes it from whoever has it.
#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <latch>
#include <thread>

#include "runtime/engine/standing.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/store/expiry.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

using ports::Life;

// A child of ours that has ended and that nobody has asked about.
struct Zombie {
    pid_t pid = ::fork();
    ports::Identity who = ports::who_am_i();

    Zombie() {
        if (pid == 0) ::_exit(0);
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
        who.pid = pid;
        std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
        std::string word;
        for (int i = 0; i < 22 && stat >> word; ++i) {
        }
        who.started = word;
    }
    ~Zombie() { ::waitpid(pid, nullptr, 0); }
    Zombie(const Zombie&) = delete;
    Zombie& operator=(const Zombie&) = delete;
};

program::Plan with_approval_step() {
    program::Plan plan = test::plan(1);
    plan.graph.nodes.insert(plan.graph.nodes.begin() + 1,
                            Node{.id = "look", .type = Node::Type::approval, .text = "look at it"});
    plan.graph.edges = {{.from = NodeId(0), .to = NodeId(1)}, {.from = NodeId(1), .to = NodeId(2)}};
    seal(plan);
    return plan;
}

// Of whom nothing can be told from here: a process of another container.
ports::Identity out_of_sight() {
    ports::Identity who = ports::who_am_i();
    who.user = "otto";
    who.space = "pid:[1] ";
    return who;
}

std::vector<journal::Record> records(const ports::Runs& runs, const std::string& run) {
    std::vector<journal::Record> all;
    const auto rows = runs.records(run);
    for (const ports::RecordRow& row : *rows) all.push_back(*journal::decode(row.bytes));
    return all;
}

}  // namespace

TEST_CASE("a process is called dead only where its pid means something") {
    const ports::Identity me = ports::who_am_i();
    REQUIRE_FALSE(me.boot.empty());
    REQUIRE_FALSE(me.space.empty());
    CHECK(ports::life_of(me) == Life::alive);
    ports::Identity who = me;
    SECTION("the name of the machine says nothing") {
        who.host = "another";
        CHECK(ports::life_of(who) == Life::alive);
        who.pid = 1 << 30;  // no Linux gives it
        CHECK(ports::life_of(who) == Life::dead);
    }
    SECTION("a pid that was given again") {
        who.started = "1";
        CHECK(ports::life_of(who) == Life::dead);
    }
    SECTION("another container") {
        who.space = "pid:[1] ";
        who.pid = 1 << 30;
        CHECK(ports::life_of(who) == Life::unknown);
    }
    SECTION("another boot: of this machine, of another one, and of one that does not say which") {
        who.boot = "another";
        who.machine = "";
        CHECK(ports::life_of(who) == Life::unknown);
        who.machine = "another";
        CHECK(ports::life_of(who) == Life::unknown);
        if (!me.machine.empty()) {
            who.machine = me.machine;
            CHECK(ports::life_of(who) == Life::dead);
        }
    }
    SECTION("what nobody wrote down is no proof") {
        CHECK(ports::life_of({.user = "otto", .host = me.host, .pid = 1 << 30}) == Life::unknown);
        who.started = "";
        CHECK(ports::life_of(who) == Life::unknown);
    }
    SECTION("one that is over and waits for its parent") {
        const Zombie zombie;
        CHECK(ports::life_of(zombie.who) == Life::dead);
    }
}

TEST_CASE("a run stands as its process does") {
    ports::RunRow row{.id = "r", .plan = "p", .farm = "f", .touched_at = 5};
    const auto stands = [&](const std::string& outcome, std::optional<ports::Identity> who, const char* run = "r") {
        row.outcome = outcome;
        std::optional<ports::HeldLease> held;
        if (who) {
            const ports::LeaseOwner owner{.who = *who, .run = run, .since = 7};
            held = ports::HeldLease{.owner = owner, .expiry = store::expiry_with_process(owner)};
        }
        return std::string(name_of(standing_of(row, held).type));
    };
    ports::Identity dead = ports::who_am_i();
    dead.pid = 1 << 30;
    CHECK(stands("", ports::who_am_i()) == "under way");
    CHECK(stands("", dead) == "process gone");
    CHECK(stands("", std::nullopt) == "process gone");
    CHECK(stands("", out_of_sight()) == "out of sight");
    CHECK(stands("", ports::who_am_i(), "another") == "process gone");
    CHECK(stands("failed", std::nullopt) == "failed");
    CHECK(stands("waiting", dead) == "waiting");
    CHECK(stands("waiting", ports::who_am_i()) == "under way");
    CHECK(stands("done", ports::who_am_i()) == "done");
    CHECK(stands("given up", std::nullopt) == "given up");
}

TEST_CASE("a run that nobody can tell anything of is taken over by a person, who says why") {
    const Folder folder;
    const program::Plan plan = with_approval_step();
    Farm farm(open(folder), plan);
    NoObserver nobody;
    const Ended first = start(farm.environment, plan, encode(plan), {}, nobody);
    const auto held =
        farm.store->acquire(plan.farm, {.who = out_of_sight(), .run = first.run, .since = 1}, ports::Take::if_free);
    REQUIRE(held->lease);
    for (const Ended& refused :
         {resume(farm.environment, first.run, {}, {}, nobody), rollback(farm.environment, first.run, {}, {}, nobody),
          abandon(farm.environment, first.run, ""), start(farm.environment, plan, encode(plan), {}, nobody)}) {
        CHECK(refused.outcome == Outcome::held);
        CHECK(refused.run == first.run);
        CHECK(refused.other == Standing::Type::out_of_sight);
        CHECK_THAT(refused.message, Catch::Contains("otto on") && Catch::Contains("has it since 19"));
    }
    Environment taking = farm.environment;
    taking.take_over_because = "its container is gone";
    SECTION("by resume") {
        CHECK(approve(taking, first.run, "look", "fine").outcome == Outcome::done);
        CHECK(resume(farm.environment, first.run, {}, {}, nobody).outcome == Outcome::done);
    }
    SECTION("by rollback") {
        CHECK(exit_status(rollback(taking, first.run, {}, {}, nobody)) == 0);
        CHECK(states(farm.environment, plan) == "running ");
    }
    SECTION("by abandon") { CHECK(abandon(taking, first.run, "").outcome == Outcome::done); }
    std::uint64_t taken = 0;
    for (const journal::Record& record : records(*farm.store, first.run)) {
        if (record.type != journal::Record::Type::taken) continue;
        ++taken;
        CHECK(record.by == farm.environment.me.user);
        CHECK(record.text == "its container is gone");
        CHECK_THAT(record.value, Catch::StartsWith("otto on"));
    }
    CHECK(taken == 1);
    CHECK(verify::first_fault(*verify_log(*farm.store, first.run)).empty());
    // Whoever had it before can write nothing more.
    const ports::RecordRow row{.number = 100, .bytes = "{}", .hash = std::string(64, '0')};
    CHECK_FALSE(farm.store->append(*held->lease, first.run, {row}, "done", 3).ok());
}

TEST_CASE("a farm that a process took and made no run on is taken over by the next one") {
    const Folder folder;
    const program::Plan plan = test::plan(1);
    Farm farm(open(folder), plan);
    NoObserver nobody;
    REQUIRE(farm.store->acquire(plan.farm, {.who = out_of_sight(), .run = "never", .since = 1}, ports::Take::if_free)
                ->lease);
    const Ended refused = start(farm.environment, plan, encode(plan), {}, nobody);
    CHECK(refused.outcome == Outcome::held);
    CHECK(refused.run.empty());
    Environment taking = farm.environment;
    taking.take_over_because = "no such container";
    const Ended done = start(taking, plan, encode(plan), {}, nobody);
    CHECK(done.outcome == Outcome::done);
    CHECK(records(*farm.store, done.run).at(1).type == journal::Record::Type::taken);
}

namespace {

// One that goes on once the other was told of anything: on a busy machine the first would be done by then.
struct GoesOnAfter final : Observer {
    std::latch& taken;
    explicit GoesOnAfter(std::latch& other) : taken(other) {}
    void on(const Event& event) override {
        if (event.type == Event::Type::step_started) taken.wait();
    }
};
struct SaysWhenItBegan final : Observer {
    std::latch& taken;
    explicit SaysWhenItBegan(std::latch& other) : taken(other) {}
    void on(const Event&) override {
        if (!taken.try_wait()) taken.count_down();
    }
};

}  // namespace

TEST_CASE("a process from which the run was taken stops by itself, and starts nothing more") {
    const Folder folder;
    program::Plan plan = test::plan(4);
    Farm old(open(folder), plan, {.step_ms = 3000});
    std::latch taken(1);
    Ended ended;
    std::thread running([&] {
        GoesOnAfter observer(taken);
        ended = start(old.environment, plan, encode(plan), {.messages_every_ms = 20}, observer);
    });
    Farm farm(open(folder), plan);
    std::string run;
    while (run.empty())
        if (const auto rows = farm.store->runs(); rows.ok() && !rows->empty() && rows->back().records > 1)
            run = rows->back().id;
    Environment taking = farm.environment;
    taking.take_over_because = "it hangs";
    SaysWhenItBegan observer(taken);
    const Ended done = resume(taking, run, {}, {}, observer);
    if (!taken.try_wait()) taken.count_down();
    running.join();
    CHECK(done.outcome == Outcome::done);
    CHECK(ended.outcome == Outcome::held);
    CHECK_THAT(ended.message, Catch::Contains("was taken over"));
    CHECK(verify::first_fault(*verify_log(*farm.store, run)).empty());
}

TEST_CASE("a command that finds nothing left to do ends as the run did") {
    const Folder folder;
    const program::Plan plan = test::plan(1);
    Farm farm(open(folder), plan);
    NoObserver nobody;
    const auto exit = [](const Ended& ended) { return exit_status(ended); };
    const std::string run = start(farm.environment, plan, encode(plan), {}, nobody).run;
    CHECK(exit(resume(farm.environment, run, {}, {}, nobody)) == 0);
    CHECK(exit(abandon(farm.environment, run, "")) == 0);
    CHECK(exit(resume(farm.environment, run, {.decisions = {{.node = "all[s0].stop"}}}, {}, nobody)) == 2);
    CHECK(exit(rollback(farm.environment, run, {}, {}, nobody)) == 0);
    CHECK(exit(rollback(farm.environment, run, {}, {}, nobody)) == 0);
    CHECK(exit(resume(farm.environment, run, {}, {}, nobody)) == 0);  // a person wanted it so
    CHECK(exit(abandon(farm.environment, run, "")) == 0);
}

TEST_CASE("a run that a failure has rolled back ends with 5 however often it is resumed") {
    const Folder folder;
    program::Plan plan = test::plan(1);
    for (Node& node : plan.graph.nodes) node.on_failure = OnFailure::rollback;
    seal(plan);
    Farm farm(open(folder), plan,
              {.faults = {{.step = "all[s0].start", .when = transport::SimulatedFault::When::before}}});
    NoObserver nobody;
    const Ended first = start(farm.environment, plan, encode(plan), {}, nobody);
    CHECK(exit_status(first) == 5);
    CHECK(exit_status(resume(farm.environment, first.run, {}, {}, nobody)) == 5);
    CHECK(exit_status(rollback(farm.environment, first.run, {}, {}, nobody)) == 0);
    CHECK(exit_status(resume(farm.environment, first.run, {}, {}, nobody)) == 5);
}

TEST_CASE("a run that was given up goes on for nobody") {
    const Folder folder;
    const program::Plan plan = with_approval_step();
    Farm farm(open(folder), plan);
    NoObserver nobody;
    const std::string run = start(farm.environment, plan, encode(plan), {}, nobody).run;
    CHECK(exit_status(abandon(farm.environment, run, "")) == 0);
    CHECK(exit_status(abandon(farm.environment, run, "")) == 0);
    CHECK(exit_status(resume(farm.environment, run, {}, {}, nobody)) == 1);
    CHECK(exit_status(rollback(farm.environment, run, {}, {}, nobody)) == 1);
}

}  // namespace pvsplan::engine::test
