// Simulated hosts of which a test says how long each step takes and when an observation of it comes back.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {

// What an observation shows is what was so when it was asked for, however late it comes.
class Paced final : public ports::Transport {
  public:
    Paced(const Plan& plan, ports::Store& store, ports::Mailbox& to, ports::Clock& clock,
          transport::SimulatedOptions options)
        : to_(&to), clock_(&clock), farm_(transport::make_simulated(plan, store, mine_, std::move(options))) {}

    void takes(const std::string& step, ports::Millis ms) { takes_[step] = ms; }
    // Its host is not reached; or nothing more is received of its command, which has done nothing, or all.
    enum class Lost : std::uint8_t { unreached, undone, done };
    void lose(const std::string& step, Lost how = Lost::undone) { lost_[step] = how; }
    void answer() { lost_.clear(); }

    void start_or_attach(ports::Job job) override {
        using Event = ports::JobEvent::Type;
        const auto lost = lost_.find(job.step);
        if (lost != lost_.end() && job.ask == ports::Job::Ask::start) {
            const bool is_reached = lost->second != Lost::unreached;
            to_->post({.key = job.key,
                       .type = is_reached ? Event::lost : Event::never_started,
                       .text = is_reached ? "not heard of again" : "no route to it"});
            if (lost->second != Lost::done) return;
            job.key += "-unheard";
            farm_->start_or_attach(std::move(job));
            return void(farm_->turn(clock_->steady()));
        }
        const auto known = takes_.find(job.step);
        const ports::Millis at = clock_->steady() + (known == takes_.end() ? 0 : known->second);
        // The next of that name is as fast as any.
        if (job.type == ports::Job::Type::observation && known != takes_.end()) takes_.erase(known);
        due_[job.key] = at;
        farm_->start_or_attach(std::move(job));
    }
    void forget(const std::string& key) override { due_.erase(key); }
    std::optional<ports::Millis> turn(ports::Millis now) override {
        (void)farm_->turn(now);
        for (ports::JobEvent& event : mine_.take(0)) held_.push_back(std::move(event));
        std::optional<ports::Millis> next;
        for (auto event = held_.begin(); event != held_.end();) {
            const auto due = due_.find(event->key);
            if (due != due_.end() && due->second > now) {
                next = std::min(next.value_or(due->second), due->second);
                ++event;
                continue;
            }
            if (due != due_.end()) to_->post(std::move(*event));
            event = held_.erase(event);
        }
        return next;
    }

  private:
    ports::Mailbox* to_;
    ports::Clock* clock_;
    ports::Mailbox mine_;
    std::unique_ptr<ports::Transport> farm_;
    std::map<std::string, ports::Millis> takes_;
    std::map<std::string, Lost> lost_;
    std::map<std::string, ports::Millis> due_;
    std::vector<ports::JobEvent> held_;
};

// Time passes only by waiting, and how often the engine waited is counted.
class CountingClock final : public ports::VirtualClock {
  public:
    CountingClock() : VirtualClock(1000) {}
    std::vector<ports::JobEvent> wait(ports::Mailbox& mailbox, std::optional<ports::Millis> deadline) override {
        ++waits;
        return VirtualClock::wait(mailbox, deadline);
    }
    std::uint32_t waits = 0;
};

// Stops a run that turns without end.
class Patience final : public ports::Signals {
  public:
    explicit Patience(const CountingClock& clock) : clock_(&clock) {}
    [[nodiscard]] int count() const override { return clock_->waits > 10'000 ? 2 : 0; }
    [[nodiscard]] int number() const override { return 2; }

  private:
    const CountingClock* clock_;
};

struct PacedFarm {
    std::unique_ptr<ports::Store> store;
    CountingClock clock;
    ports::Mailbox mailbox;
    Patience signals{clock};
    ports::NoSecrets secrets;
    Paced hosts;
    Environment environment;

    PacedFarm(std::unique_ptr<ports::Store> from, const Plan& plan, transport::SimulatedOptions options = {})
        : store(std::move(from)), hosts(plan, *store, mailbox, clock, std::move(options)) {
        environment = {.store = store.get(),
                       .clock = &clock,
                       .mailbox = &mailbox,
                       .signals = &signals,
                       .secrets = &secrets,
                       .transports = {{"simulated", &hosts}},
                       .me = ports::who_am_i()};
    }
};

}  // namespace pvsplan::engine::test
