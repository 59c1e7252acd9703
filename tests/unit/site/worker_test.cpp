#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "runtime/ports/transport.hpp"
#include "runtime/site/worker.hpp"

namespace pvsplan::site {
namespace {

using base::Done;
using base::Error;
using base::Result;
using base::Status;

enum class Refuses : std::uint8_t { all, jobs };

// A store without jobs, which refuses something from `away_from` on the worker's clock until `back_at`.
class Store final : public ports::Sites {
  public:
    Store(const ports::Clock& clock, ports::Millis away_from, ports::Millis back_at, Refuses what)
        : clock_(&clock), away_from_(away_from), back_at_(back_at), what_(what) {}
    Status be_present(const ports::SiteWorker&) override { return what_ == Refuses::all ? answer() : Done{}; }
    Status leave(const std::string&) override { return answer(); }
    Result<std::vector<ports::SiteJob>> take(const ports::SiteWorker&, std::uint32_t, std::int64_t) override {
        if (Status said = answer(); !said) return std::move(said).error();
        return std::vector<ports::SiteJob>();
    }
    Result<std::vector<Held>> hold(const std::string&, const std::vector<Held>& jobs, std::int64_t) override {
        return jobs;
    }
    Status report(const std::string&, const std::vector<Report>&) override { return answer(); }
    News news() override { return {}; }

    // Nobody asks by this one.
    Result<std::vector<ports::SiteStands>> all_sites() const override { return Error{"not asked"}; }
    Status keep_plan(const std::string&, const std::string&) override { return Error{"not asked"}; }
    Status ask(const std::vector<ports::SiteJob>&) override { return Error{"not asked"}; }
    void ask_with_records(std::vector<ports::SiteJob>, std::vector<std::uint64_t>) override {}
    Result<std::vector<ports::SiteReport>> reports(const std::string&, const std::vector<std::uint64_t>&) override {
        return Error{"not asked"};
    }
    Result<std::vector<ports::SiteJobStands>> open_jobs(const std::string&) override { return Error{"not asked"}; }
    Result<bool> withdraw(const std::string&, const std::string&) override { return Error{"not asked"}; }
    Result<std::string> plan_bytes_of(const std::string&) override { return Error{"not asked"}; }

  private:
    [[nodiscard]] Status answer() const {
        const ports::Millis now = clock_->steady();
        if (now >= away_from_ && now < back_at_) return Error{"permission denied for table jobs"};
        return Done{};
    }

    const ports::Clock* clock_;
    ports::Millis away_from_;
    ports::Millis back_at_;
    Refuses what_;
};

// Ctrl-C at a moment.
class EndAt final : public ports::Signals {
  public:
    EndAt(const ports::Clock& clock, ports::Millis at) : clock_(&clock), at_(at) {}
    [[nodiscard]] int count() const override { return clock_->steady() >= at_ ? 1 : 0; }
    [[nodiscard]] int number() const override { return 2; }

  private:
    const ports::Clock* clock_;
    ports::Millis at_;
};

constexpr ports::Millis minute = 60'000;

struct Worked {
    Status status = Done{};
    std::vector<std::string> told = {};
};

Worked work_until(ports::Millis end, ports::Millis away_from, ports::Millis back_at, Refuses what) {
    ports::VirtualClock clock;
    ports::Mailbox mailbox;
    Store store(clock, away_from, back_at, what);
    EndAt signals(clock, end);
    Worked worked;
    const WorkerEnvironment environment{.sites = &store,
                                        .clock = &clock,
                                        .mailbox = &mailbox,
                                        .signals = &signals,
                                        .me = {},
                                        .transport = [](const std::string&) -> ports::Transport* { return nullptr; },
                                        .secrets = [](const program::Plan&) -> ports::Secrets* { return nullptr; },
                                        .tell = [&](const std::string& line) { worked.told.push_back(line); }};
    worked.status = work(environment, {.site = "berlin", .key = std::string(64, 'k'), .farms = {"shop"}});
    return worked;
}

}  // namespace

TEST_CASE("a worker whose store refuses it goes on, and says so each minute until it is answered again") {
    const Refuses what = GENERATE(Refuses::all, Refuses::jobs);
    const Worked worked = work_until(10 * minute, 2 * minute, 5 * minute + minute / 2, what);
    CHECK(worked.status.ok());
    REQUIRE(worked.told.size() == 5);
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(worked.told[i] == "its store is asked again and again: permission denied for table jobs");
    CHECK(worked.told[4] == "its store answers again");
}

TEST_CASE("a worker that its store refuses from the beginning ends with why") {
    const Worked worked = work_until(10 * minute, 0, 10 * minute, Refuses::all);
    REQUIRE_FALSE(worked.status.ok());
    CHECK(worked.status.error().text() == "permission denied for table jobs");
    CHECK(worked.told.empty());
}

}  // namespace pvsplan::site
