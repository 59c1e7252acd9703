// The environment of a run on a bad night: hosts that are slow, out of reach, or forget; a clock that people set;
// interruptions; people at the terminal and at others.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "runtime/engine/run.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/transport.hpp"
#include "tests/unit/checks/draws.hpp"

namespace pvsplan::test {

// Of a hundred, how often each thing goes wrong.
struct Trouble {
    std::uint32_t unreached = 0;
    std::uint32_t lost = 0;         // no event of it comes again; done or not
    std::uint32_t hangs = 0;        // past its timeout; done or not
    std::uint32_t late = 0;         // an observation, by up to a minute
    std::uint32_t blind = 0;        // an observation that does not come
    std::uint32_t clock_steps = 0;  // what people read off the clock jumps, either way
};

// Time that passes only by waiting; what people read is set now and then.
class SetClock final : public ports::VirtualClock {
  public:
    SetClock(ports::Millis start, Draws& draws, std::uint32_t steps)
        : VirtualClock(start), draws_(&draws), steps_(steps) {}
    [[nodiscard]] ports::Millis now() const override { return steady() + ahead_; }
    std::vector<ports::JobEvent> wait(ports::Mailbox& mailbox, std::optional<ports::Millis> deadline) override;

  private:
    Draws* draws_;
    std::uint32_t steps_;
    ports::Millis ahead_ = 0;
};

class TroubledHosts final : public ports::Transport {
  public:
    TroubledHosts(std::unique_ptr<ports::Transport> farm, ports::Clock& clock, ports::Mailbox& mailbox, Draws& draws,
                  Trouble trouble)
        : farm_(std::move(farm)), clock_(&clock), mailbox_(&mailbox), draws_(&draws), trouble_(trouble) {}

    void start_or_attach(ports::Job job) override;
    void forget(const std::string& key) override;
    std::optional<ports::Millis> turn(ports::Millis now) override;
    // The hosts belong to another process now: what was given to them and has not begun does not.
    void cut() {
        held_.clear();
        is_cut_ = true;
    }

  private:
    void give(ports::Job job);

    std::unique_ptr<ports::Transport> farm_;
    ports::Clock* clock_;
    ports::Mailbox* mailbox_;
    Draws* draws_;
    Trouble trouble_;
    std::multimap<ports::Millis, ports::Job> held_;
    bool is_cut_ = false;
};

// Ctrl-C after so many events, once or twice; and something else that happens after so many.
class Interrupts final : public ports::Signals, public engine::Observer {
  public:
    Interrupts(std::uint32_t after, int times) : left_(after), times_(times) {}
    void then_once(std::uint32_t after, std::function<void()> what) {
        meanwhile_left_ = after;
        meanwhile_ = std::move(what);
    }
    [[nodiscard]] int count() const override { return left_ == 0 ? times_ : 0; }
    [[nodiscard]] int number() const override { return 2; }
    void on(const engine::Event& event) override;

  private:
    std::uint32_t left_;
    int times_;
    std::uint32_t meanwhile_left_ = 0;
    std::function<void()> meanwhile_;
};

// Says yes to what is wanted, after a while.
class Nodding final : public engine::Person {
  public:
    Nodding(Draws& draws, std::vector<std::string> asked) : draws_(&draws), asked_(std::move(asked)) {}
    std::vector<Answer> answers() override;

  private:
    Draws* draws_;
    std::vector<std::string> asked_;
};

}  // namespace pvsplan::test
