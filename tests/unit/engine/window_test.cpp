// Runs that wait for a window of time, and runs that stop before a step.
#include <catch2/catch.hpp>

#include "runtime/engine/asked_for.hpp"
#include "runtime/engine/windows.hpp"
#include "runtime/journal/replay.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

constexpr ports::Millis minute = 60'000;
constexpr ports::Millis hour = 60 * minute;
constexpr ports::Millis midnight = 1'795'651'200'000;  // 2026-11-26 00:00 UTC, a Thursday

// Two servers are restarted side by side; the second starts only from 22:00 to 23:00.
Plan windowed() {
    Plan plan = test::plan(2);
    plan.windows = {{.from = 22 * 60, .to = 23 * 60, .zone = "UTC"}};
    plan.graph.nodes[2].window = plan.graph.nodes[3].window = WindowId(0);
    seal(plan);
    return plan;
}

struct Seen final : Observer {
    std::vector<std::string> all;  // "window_closed all[s1].stop"
    ports::Millis opens_in = -1;
    void on(const Event& event) override {
        if (event.type == Event::Type::heartbeat) return;
        all.push_back(std::string(name_of(event.type)) + (event.node.empty() ? "" : " " + event.node));
        if (event.type == Event::Type::window_closed) opens_in = event.opens_in_ms;
    }
    [[nodiscard]] bool has(const std::string& text) const { return std::count(all.begin(), all.end(), text) > 0; }
};

struct Nobody final : Person {
    std::vector<Answer> answers() override { return {}; }
};

// Processes of one run, each with a clock of its own.
struct Night {
    Folder folder;
    Plan plan;
    explicit Night(Plan of) : plan(std::move(of)) {}

    using Faults = std::vector<transport::SimulatedFault>;
    Ended goes(ports::Clock& clock, Observer& observer, const std::string& run = "", Options options = {},
               Faults faults = {}) {
        Farm farm(open(folder), plan, {.faults = std::move(faults), .step_ms = 1000});
        farm.environment.clock = &clock;
        options.heartbeat_ms = options.messages_every_ms = hour;
        return run.empty() ? start(farm.environment, plan, encode(plan), options, observer)
                           : resume(farm.environment, run, {}, options, observer);
    }
    [[nodiscard]] std::string fault(const std::string& run) {
        const auto store = open(folder);
        const auto report = verify_log(*store, run);
        return report.ok() ? verify::first_fault(*report) : report.error().text();
    }
    [[nodiscard]] std::vector<std::string> journal(const std::string& run) {
        const auto store = open(folder);
        std::vector<std::string> lines;
        const auto all = log(*store, run);
        for (const LogLine& line : *all) lines.push_back(line.kind + " " + line.node + " " + line.text);
        return lines;
    }
};

// A clock that somebody sets while it is waited on it.
class SetClock final : public ports::VirtualClock {
  public:
    using VirtualClock::VirtualClock;
    [[nodiscard]] ports::Millis now() const override { return steady() + (steady() >= set_at ? set_by : 0); }
    ports::Millis set_at = 0;
    ports::Millis set_by = 0;
};

}  // namespace

TEST_CASE("window: a run that waits for it was asked for, from when it opens on") {
    Night night(windowed());
    ports::VirtualClock clock(midnight + 18 * hour);
    Seen seen;
    const std::string run = night.goes(clock, seen).run;
    const auto store = open(night.folder);
    const auto found = [&](ports::Millis now) {
        const ports::RunRow row = **store->run(run);
        return *asked_for(*store, row, *standing_of(*store, row), now);
    };
    const std::uint64_t halted = (*store->run(run))->records;
    for (const ports::Millis now : {midnight + 18 * hour, midnight + 22 * hour, midnight + 23 * hour - 1}) {
        CHECK(found(now)->type == AskedFor::Type::window_opens);
        CHECK(found(now)->from == midnight + 22 * hour);
        CHECK(found(now)->since == halted);
    }
    CHECK(found(midnight + 23 * hour)->from == midnight + 46 * hour);
    // A clock that stood wrong tells of no window that has opened since.
    CHECK(found(midnight - 10 * hour)->from == midnight - 2 * hour);
    SECTION("a process that has it goes on by itself") {
        REQUIRE(
            store->acquire(night.plan.farm, {.who = ports::who_am_i(), .run = run, .since = 1}, ports::Take::if_free)
                ->lease);
        CHECK_FALSE(found(midnight + 22 * hour));
    }
    SECTION("it went on") {
        ports::VirtualClock later(midnight + 22 * hour);
        CHECK(night.goes(later, seen, run).outcome == Outcome::done);
        CHECK_FALSE(found(midnight + 46 * hour));
    }
    SECTION("it was to stop there") {
        ports::VirtualClock later(midnight + 20 * hour);
        CHECK(night.goes(later, seen, run, {.until = "all[s1]"}).outcome == Outcome::waiting);
        CHECK_FALSE(found(midnight + 22 * hour));
    }
    CHECK(night.fault(run).empty());
}

TEST_CASE("window: outside of it nothing in it starts, all else goes on, and the run ends with 7") {
    Night night(windowed());
    Seen seen;
    ports::VirtualClock clock(midnight + 12 * hour);
    const Ended ended = night.goes(clock, seen);
    CHECK(ended.outcome == Outcome::waiting);
    CHECK(exit_status(ended) == 7);
    CHECK(ended.message == "the run waits for its window, which opens Thu 2026-11-26 22:00 UTC (simulated)");
    REQUIRE(ended.wanted.size() == 1);
    CHECK(ended.wanted[0].type == Wanted::Type::window);
    CHECK(ended.wanted[0].node == "all[s1].stop");
    CHECK(seen.has("step_finished all[s0].start"));
    CHECK_FALSE(seen.has("step_started all[s1].stop"));
    CHECK(seen.has("window_closed all[s1].stop"));
    CHECK(seen.opens_in == 10 * hour);
    SECTION("resumed too early it waits again, and says so again") {
        Seen again;
        ports::VirtualClock early(midnight + 21 * hour);
        CHECK(night.goes(early, again, ended.run).outcome == Outcome::waiting);
        CHECK(again.has("window_closed all[s1].stop"));
    }
    SECTION("resumed within it goes on") {
        Seen again;
        ports::VirtualClock late(midnight + 22 * hour);
        CHECK(night.goes(late, again, ended.run).outcome == Outcome::done);
        CHECK(again.has("window_opened all[s1].stop"));
    }
    SECTION("resumed after it waits for the next one") {
        Seen again;
        ports::VirtualClock after(midnight + 23 * hour);
        const Ended later = night.goes(after, again, ended.run);
        CHECK_THAT(later.message, Catch::Contains("opens Fri 2026-11-27 22:00 UTC"));
    }
    CHECK(night.fault(ended.run).empty());
}

TEST_CASE("window: with somebody at the terminal it is waited for") {
    Night night(windowed());
    Seen seen;
    Nobody nobody;
    ports::VirtualClock clock(midnight + 12 * hour);
    const Ended ended = night.goes(clock, seen, "", {.person = &nobody});
    CHECK(ended.outcome == Outcome::done);
    CHECK(clock.now() >= midnight + 22 * hour);
    CHECK(clock.now() < midnight + 22 * hour + minute);
    CHECK(night.fault(ended.run).empty());
}

TEST_CASE("window: what runs when it closes is finished, with its retries; what comes then waits") {
    Plan plan = windowed();
    plan.graph.nodes[2].retry = {.times = 2, .delay_ms = 5 * minute};
    seal(plan);
    Night night(plan);
    Seen seen;
    ports::VirtualClock clock(midnight + 23 * hour - minute);
    const Ended ended =
        night.goes(clock, seen, "", {},
                   {{.step = "all[s1].stop", .when = transport::SimulatedFault::When::before, .attempts = 2}});
    CHECK(ended.outcome == Outcome::waiting);
    CHECK(clock.now() >= midnight + 23 * hour + 9 * minute);
    CHECK(seen.has("step_finished all[s1].stop"));
    CHECK_FALSE(seen.has("step_started all[s1].start"));
    CHECK(seen.has("window_closed all[s1].start"));
    CHECK(night.fault(ended.run).empty());
}

TEST_CASE("window: a retry that another process would make is a new start") {
    Plan plan = windowed();
    plan.graph.nodes[2].retry = {.times = 2, .delay_ms = 5 * minute};
    state::RunState run(plan);
    const NodeId stop(2);
    run.went_on_as = 1;
    run.forward.nodes[2] = {.phase = state::Phase::retrying, .ended_as = 3};
    CHECK(window_of(run, stop).is_none());
    run.went_on_as = 4;  // since it failed
    CHECK(window_of(run, stop) == WindowId(0));
    run.forward.nodes[2].phase = state::Phase::waiting;
    CHECK(window_of(run, stop) == WindowId(0));
}

TEST_CASE("window: the clock of people may be set while the run waits") {
    Night night(windowed());
    Seen seen;
    Nobody nobody;
    SetClock clock(midnight + 12 * hour);
    clock.set_at = midnight + 13 * hour;
    SECTION("back: it waits for longer") {
        clock.set_by = -2 * hour;
        CHECK(night.goes(clock, seen, "", {.person = &nobody}).outcome == Outcome::done);
        CHECK(clock.steady() >= midnight + 24 * hour);
    }
    SECTION("on, into the window: it goes on") {
        clock.set_by = 9 * hour + 30 * minute;
        CHECK(night.goes(clock, seen, "", {.person = &nobody}).outcome == Outcome::done);
        CHECK(clock.steady() < midnight + 15 * hour);
    }
    SECTION("on, past the window: it waits for the next one") {
        clock.set_by = 12 * hour;
        CHECK(night.goes(clock, seen, "", {.person = &nobody}).outcome == Outcome::done);
        CHECK(clock.now() >= midnight + 46 * hour);
    }
}

TEST_CASE("window: simulated time runs ahead only for what waits for it") {
    // Time passes as soon as nothing else happens, but not without end.
    class Skipping final : public ports::VirtualClock {
      public:
        using VirtualClock::VirtualClock;
        bool skip_to(ports::Millis until) override {
            if (++skips > 20) return false;
            ports::Mailbox none;
            (void)VirtualClock::wait(none, until);
            return true;
        }
        int skips = 0;
    };
    Plan plan = windowed();
    plan.instances = {{.path = "all[s1]", .loop = "all", .max_failures = 1}};
    plan.graph.nodes[2].window = {};
    plan.graph.nodes[2].instance = plan.graph.nodes[3].instance = InstanceId(0);
    plan.graph.nodes.push_back({.id = "look", .type = Node::Type::approval, .text = "look"});
    SECTION("it waits for nothing once its iteration was abandoned") {
        plan.graph.edges.pop_back();
        seal(plan);
        Night night(plan);
        Seen seen;
        Skipping clock(midnight + 12 * hour);
        const Ended ended = night.goes(clock, seen, "", {}, {{.step = "all[s1].stop"}});
        CHECK(seen.has("window_closed all[s1].start"));
        CHECK(ended.outcome == Outcome::waiting);
        CHECK(ended.message == "the run waits for a person (simulated)");
        CHECK(clock.skips == 0);
        CHECK(night.fault(ended.run).empty());
    }
    SECTION("to its opening, and no further") {
        seal(plan);
        Night night(plan);
        Seen seen;
        Skipping clock(midnight + 12 * hour);
        const Ended ended = night.goes(clock, seen);
        CHECK(ended.message == "the run waits for a person (simulated)");
        CHECK(seen.has("step_finished all[s1].start"));
        CHECK(clock.skips == 1);
        CHECK(clock.now() < midnight + 22 * hour + minute);
        CHECK(night.fault(ended.run).empty());
    }
}

TEST_CASE("window: a rollback waits for none") {
    Plan plan = windowed();
    plan.on_failure = OnFailure::rollback;
    for (Node& node : plan.graph.nodes) node.on_failure = OnFailure::rollback;
    seal(plan);
    Night night(plan);
    Seen seen;
    ports::VirtualClock clock(midnight + 23 * hour - 1500);
    const Ended ended = night.goes(clock, seen, "", {}, {{.step = "all[s0].start"}});
    CHECK(ended.outcome == Outcome::rolled_back);
    CHECK(clock.now() >= midnight + 23 * hour);
    CHECK(night.fault(ended.run).empty());
}

TEST_CASE("window: `log --verify` finds a step that began outside of its window") {
    Night night(windowed());
    Seen seen;
    ports::VirtualClock clock(midnight + 22 * hour);
    const Ended ended = night.goes(clock, seen);
    REQUIRE(ended.outcome == Outcome::done);
    REQUIRE(night.fault(ended.run).empty());
    // The same records by the plan with another window.
    Plan other = night.plan;
    other.windows[0].from = 21 * 60;
    other.windows[0].to = 22 * 60;
    const auto store = open(night.folder);
    const auto rows = store->records(ended.run);
    const auto row = store->run(ended.run);
    CHECK_THAT(verify::first_fault(verify::verify(other, **row, *rows)),
               Catch::Contains("it begins at Thu 2026-11-26 22:00 UTC, outside of its window, 21:00 to 22:00 UTC"));
}

TEST_CASE("until: all that does not come after the step is done, and `resume` goes on") {
    Night night(test::plan(2));
    Seen seen;
    ports::VirtualClock clock(midnight);
    const Ended ended = night.goes(clock, seen, "", {.until = "all[s1].start"});
    CHECK(ended.outcome == Outcome::waiting);
    CHECK(exit_status(ended) == 7);
    CHECK(ended.message == "the run stops before `all[s1].start`, as it was to; `resume` goes on (simulated)");
    CHECK(seen.has("step_finished all[s0].start"));
    CHECK(seen.has("step_finished all[s1].stop"));
    CHECK_FALSE(seen.has("step_started all[s1].start"));
    CHECK(night.fault(ended.run).empty());
    SECTION("to its end") { CHECK(night.goes(clock, seen, ended.run).outcome == Outcome::done); }
    SECTION("not to what is done, or is no step") {
        const Ended done = night.goes(clock, seen, ended.run, {.until = "all[s0]"});
        CHECK(done.outcome == Outcome::usage);
        CHECK(done.message == "`all[s0]` is done already, so the run cannot stop before it");
        CHECK(night.goes(clock, seen, ended.run, {.until = "some"}).message == "there is no step `some`");
    }
    CHECK(night.fault(ended.run).empty());
}

TEST_CASE("until: a group is stopped before as a whole, and what is before it goes on over") {
    Night night(test::plan(3));
    Seen seen;
    ports::VirtualClock clock(midnight);
    const Ended first = night.goes(clock, seen, "", {.until = "all"});
    CHECK(first.outcome == Outcome::waiting);
    for (const char* none : {"all[s0].stop", "all[s1].stop"})
        CHECK_FALSE(seen.has("step_started " + std::string(none)));
    const Ended second = night.goes(clock, seen, first.run, {.until = "all[s2]"});
    CHECK(second.outcome == Outcome::waiting);
    CHECK(seen.has("step_finished all[s1].start"));
    CHECK_FALSE(seen.has("step_started all[s2].stop"));
    CHECK(night.goes(clock, seen, first.run).outcome == Outcome::done);
    CHECK(night.fault(first.run).empty());
}

TEST_CASE("until: what stopped for another reason still stops there") {
    Night night(test::plan(1));
    Seen seen;
    ports::VirtualClock clock(midnight);
    const Ended failed = night.goes(clock, seen, "", {.until = "all[s0].start"}, {{.step = "all[s0].stop"}});
    REQUIRE(failed.outcome == Outcome::failed);
    const Ended ended = night.goes(clock, seen, failed.run);
    CHECK(ended.outcome == Outcome::waiting);
    CHECK_FALSE(seen.has("step_started all[s0].start"));
    CHECK(night.goes(clock, seen, failed.run).outcome == Outcome::done);
    CHECK(night.fault(failed.run).empty());
}

TEST_CASE("until: a step that would be skipped does not let the run past itself") {
    Plan plan = test::plan(1);
    plan.guards = {{.step = "all[s0].stop", .condition = Expr::literal(Value::boolean(false))}};
    plan.graph.nodes[0].guard = GuardId(0);
    seal(plan);
    Night night(plan);
    Seen seen;
    ports::VirtualClock clock(midnight);
    const Ended ended = night.goes(clock, seen, "", {.until = "all[s0].stop"});
    CHECK(ended.outcome == Outcome::waiting);
    CHECK_FALSE(seen.has("step_started all[s0].start"));
    CHECK(night.fault(ended.run).empty());
}

TEST_CASE("until: `log --verify` finds a step that began although the run was to stop before it") {
    const Plan plan = test::plan(1);
    state::RunState run(plan);
    std::vector<ports::RecordRow> rows;
    const auto add = [&](journal::Record record) {
        record.at = midnight;
        ports::RecordRow row = journal::seal(run, record);
        REQUIRE(journal::apply(run, record).ok());
        run.last_hash = row.hash;
        rows.push_back(std::move(row));
    };
    using RecordType = journal::Record::Type;
    add({.type = RecordType::began, .value = plan.digest, .by = "anna"});
    add({.type = RecordType::until, .node = "all", .by = "anna"});
    add({.type = RecordType::started, .node = "all[s0].stop", .attempt = 1});
    const verify::Report report = verify::verify(plan, row_of(plan, rows), rows);
    CHECK_THAT(verify::first_fault(report), Catch::Contains("it begins although the run was to stop before `all`"));
}

}  // namespace pvsplan::engine::test
