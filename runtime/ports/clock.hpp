// Time, and the mailbox through which everything that happens outside reaches the engine's one thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace pvsplan::ports {

struct JobEvent;
class Readiness;

// Milliseconds: since 1970-01-01 UTC, or on a steady clock since some moment.
using Millis = std::int64_t;

// Thread-safe: transports post from their own threads, the engine takes from its one.
class Mailbox {
  public:
    Mailbox();
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    void post(JobEvent event);
    // Wakes the engine without an event (a signal came, a person answered).
    void wake();
    // All that was posted, in the order of posting; waits up to `for_ms` for the first (0: does not wait).
    std::vector<JobEvent> take(Millis for_ms);
    // The next take() also ends once this, which a library holds open, can be read.
    void wake_once_readable(int descriptor);

  private:
    static constexpr int nothing = -1;

    std::mutex mutex_;
    std::condition_variable posted_;
    std::vector<JobEvent> events_;     // in the order of posting
    bool woken_ = false;               // by wake(), and not seen yet
    int descriptor_ = nothing;         // of wake_once_readable()
    std::unique_ptr<Readiness> bell_;  // once something was to be read
    bool is_bell_wanted_ = false;      // take() waits for it
};

// Since the machine was started, with the time that it slept: what somebody else counts goes on meanwhile, and nobody
// can set this clock.
Millis since_boot();
// Seconds since then as the machine tells every process, which may be those of a container; none: it does not.
std::optional<std::int64_t> uptime_s();

class Clock {
  public:
    virtual ~Clock() = default;
    // Wall-clock time for the journal and for people. People and NTP may set it back, so no wait depends on it.
    [[nodiscard]] virtual Millis now() const = 0;
    // Runs evenly and never back. Every wait and every duration within a process is on it; it means nothing elsewhere.
    [[nodiscard]] virtual Millis steady() const = 0;
    // Takes what was posted, waiting until `deadline` on the steady clock (none: until something comes) if there is
    // nothing.
    virtual std::vector<JobEvent> wait(Mailbox& mailbox, std::optional<Millis> deadline) = 0;
    // Nothing happens until then on the steady clock but that time passes: where it is simulated, it has passed. False:
    // it has to be waited for.
    virtual bool skip_to(Millis) { return false; }
};

// The clocks of this machine.
class SystemClock : public Clock {
  public:
    [[nodiscard]] Millis now() const override;
    [[nodiscard]] Millis steady() const override;
    std::vector<JobEvent> wait(Mailbox& mailbox, std::optional<Millis> deadline) override;
};

// The clocks of a farm that is simulated: those of this machine, and ahead of them by all that was skipped.
class SimulatedClock final : public SystemClock {
  public:
    [[nodiscard]] Millis now() const override { return SystemClock::now() + ahead_; }
    [[nodiscard]] Millis steady() const override { return SystemClock::steady() + ahead_; }
    bool skip_to(Millis steady) override;

  private:
    Millis ahead_ = 0;
};

// Time that passes only by waiting: a simulated run of hours ends at once.
class VirtualClock : public Clock {
  public:
    explicit VirtualClock(Millis start = 0) : now_(start) {}
    [[nodiscard]] Millis now() const override { return now_; }
    [[nodiscard]] Millis steady() const override { return now_; }
    std::vector<JobEvent> wait(Mailbox& mailbox, std::optional<Millis> deadline) override;

  private:
    Millis now_;
};

}  // namespace pvsplan::ports
