// Waiting is on a steady clock; the one that people set is for people.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "runtime/journal/record.hpp"
#include "runtime/ports/time_text.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

constexpr ports::Millis hour = 3'600'000;

// A clock that somebody sets an hour back or forth every time that somebody looks at it.
class RestlessClock final : public ports::VirtualClock {
  public:
    using VirtualClock::VirtualClock;
    [[nodiscard]] ports::Millis now() const override { return VirtualClock::now() + (++looks_ % 3 - 1) * hour; }
    [[nodiscard]] ports::Millis steady() const override { return VirtualClock::now(); }

  private:
    mutable ports::Millis looks_ = 0;
};

struct Durations final : Observer {
    std::vector<std::int64_t> all;
    void on(const Event& event) override {
        if (event.type == Event::Type::step_finished) all.push_back(event.duration_ms);
    }
};

}  // namespace

TEST_CASE("retries and steps take what they take, however the clock is set") {
    const Folder folder;
    program::Plan plan = test::plan(1);
    plan.graph.nodes[0].retry = {.times = 2, .delay_ms = 4000};
    seal(plan);
    using Fault = transport::SimulatedFault;
    Farm farm(open(folder), plan,
              {.faults = {{.step = "all[s0].stop", .when = Fault::When::before, .attempts = 2}}, .step_ms = 1000});
    RestlessClock clock(100 * hour);
    farm.environment.clock = &clock;
    Durations seen;
    const Ended ended = start(farm.environment, plan, encode(plan), {}, seen);
    REQUIRE(ended.outcome == Outcome::done);
    // Four commands of a second, two pauses of four.
    CHECK(clock.steady() - 100 * hour >= 12'000);
    CHECK(clock.steady() - 100 * hour < 14'000);
    CHECK(seen.all == std::vector<std::int64_t>{1000, 1000});
    const auto usual = usual_durations(*farm.store, plan.name);
    for (const auto& [node, took] : *usual) CHECK(took >= 0);
}

TEST_CASE("a job that an earlier process began is never waited for longer than it takes") {
    const Folder folder;
    const program::Plan plan = test::plan(1);
    Farm farm(open(folder), plan);
    const std::string key = "a-job";
    // As after a restart of the machine: its end is hours away on a clock that has begun anew.
    REQUIRE(
        farm.store->change_simulated(plan.farm, {.jobs = {{.key = key, .ends_at = 9 * hour, .takes_ms = 500}}}).ok());
    farm.simulated->start_or_attach({.key = key, .ask = ports::Job::Ask::attach});
    CHECK(farm.simulated->turn(1000) == 1500);
}

TEST_CASE("the last run of a plan is the one that began last, however the clock was set between them") {
    const Folder folder;
    program::Plan plan = test::plan(1);
    seal(plan);
    Farm farm(open(folder), plan);
    NoObserver nobody;
    ports::VirtualClock before(100 * hour);
    farm.environment.clock = &before;
    const Ended first = start(farm.environment, plan, encode(plan), {.use = ports::Store::Use::single}, nobody);
    REQUIRE(rollback(farm.environment, first.run, {}, {}, nobody).outcome == Outcome::rolled_back);
    ports::VirtualClock set_back(50 * hour);
    farm.environment.clock = &set_back;
    const Ended second = start(farm.environment, plan, encode(plan), {.again = first.run}, nobody);
    REQUIRE(second.outcome == Outcome::done);
    CHECK(find_run(*farm.store, "last")->id == second.run);
    // It is over, so that it cannot be had again.
    CHECK(earlier_run(*farm.store, plan)->run == second.run);
    CHECK(earlier_run(*farm.store, plan)->message.find("which is over;") != std::string::npos);
    // Whether the store still has it or not, it is the last.
    REQUIRE(farm.store->remove_run(**farm.store->run(second.run), "/srv/second.journal").ok());
    const Ended third = start(farm.environment, plan, encode(plan), {.use = ports::Store::Use::single}, nobody);
    CHECK(third.outcome == Outcome::stale);
    CHECK(third.run == second.run);
    CHECK(third.message.find("which is over and was archived into `/srv/second.journal`; a new run") !=
          std::string::npos);
}

TEST_CASE("a compiled plan whose run was rolled back and archived may be had again") {
    const Folder folder;
    program::Plan plan = test::plan(1);
    seal(plan);
    Farm farm(open(folder), plan);
    NoObserver nobody;
    const Ended first = start(farm.environment, plan, encode(plan), {.use = ports::Store::Use::single}, nobody);
    REQUIRE(rollback(farm.environment, first.run, {}, {}, nobody).outcome == Outcome::rolled_back);
    REQUIRE(farm.store->remove_run(**farm.store->run(first.run), "/srv/first.journal").ok());
    const Ended refused = start(farm.environment, plan, encode(plan), {.use = ports::Store::Use::single}, nobody);
    CHECK(refused.outcome == Outcome::stale);
    CHECK(refused.message.find("was rolled back and was archived into `/srv/first.journal`; the plan") !=
          std::string::npos);
    CHECK(refused.message.find("`apply --again` runs it once more") != std::string::npos);
}

TEST_CASE("a run is named: an empty word is the beginning of every name, and means none") {
    const Folder folder;
    program::Plan plan = test::plan(1);
    Farm farm(open(folder), plan);
    NoObserver nobody;
    const Ended only = start(farm.environment, plan, encode(plan), {}, nobody);
    CHECK(find_run(*farm.store, only.run.substr(0, 9))->id == only.run);
    CHECK(find_run(*farm.store, "").error().text() == "the name of the run is empty; `pvsplan runs` lists them");
}

TEST_CASE("a mailbox waits for as long as it is told") {
    const ports::SystemClock clock;
    ports::Mailbox mailbox;
    const ports::Millis before = clock.steady();
    ports::SystemClock waiting;
    CHECK(waiting.wait(mailbox, before + 30).empty());
    CHECK(clock.steady() >= before + 30);
}

TEST_CASE("what people read has a zone, and nothing takes less than no time") {
    const char* before = std::getenv("TZ");
    const std::string kept = before ? before : "";
    const ports::Millis at = 1'764'000'000'123;
    ::setenv("TZ", "Europe/Berlin", 1);
    ::tzset();
    CHECK(ports::local_date_time(at) == "2025-11-24 17:00:00 +01:00");
    ::setenv("TZ", "XXX+03:30", 1);
    ::tzset();
    CHECK(ports::local_date_time(at) == "2025-11-24 12:30:00 -03:30");
    before ? ::setenv("TZ", kept.c_str(), 1) : ::unsetenv("TZ");
    ::tzset();
    CHECK(ports::utc_time(at) == "2025-11-24T16:00:00.123Z");
    CHECK(ports::utc_time(-1) == "1969-12-31T23:59:59.999Z");
    CHECK(ports::duration_text(-5000) == "0 ms");
    CHECK(ports::duration_text(65'000) == "1 m 5 s");
}

}  // namespace pvsplan::engine::test
