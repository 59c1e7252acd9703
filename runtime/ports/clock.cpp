#include "runtime/ports/clock.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

#include "runtime/ports/readiness.hpp"
#include "runtime/ports/transport.hpp"

namespace pvsplan::ports {

Mailbox::Mailbox() = default;
Mailbox::~Mailbox() = default;

// The bell is rung with the lock held: take() changes under it whether the bell is wanted, so no event is missed
// between the two.
void Mailbox::post(JobEvent event) {
    {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
        if (is_bell_wanted_) bell_->ring();
    }
    posted_.notify_one();
}

// Whoever waits for a message, and whoever waits for a descriptor as well, is woken.
void Mailbox::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
        if (is_bell_wanted_) bell_->ring();
    }
    posted_.notify_one();
}

// The bell is made with the first descriptor: most processes wait for none.
void Mailbox::wake_once_readable(int descriptor) {
    const std::lock_guard lock(mutex_);
    descriptor_ = descriptor;
    if (!bell_) bell_ = std::make_unique<Readiness>();
}

// Two ways to wait. A condition is cheaper, and is enough unless something that a library holds open has to be waited
// for as well.
std::vector<JobEvent> Mailbox::take(Millis for_ms) {
    std::unique_lock lock(mutex_);
    const int descriptor = std::exchange(descriptor_, nothing);
    if (for_ms > 0 && descriptor != nothing) {
        is_bell_wanted_ = !woken_ && events_.empty();
        if (is_bell_wanted_) {
            lock.unlock();
            bell_->wait_for(descriptor, for_ms);
            lock.lock();
            is_bell_wanted_ = false;
        }
    } else if (for_ms > 0) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(for_ms);
        posted_.wait_until(lock, until, [this] { return woken_ || !events_.empty(); });
    }
    woken_ = false;
    return std::exchange(events_, {});
}

namespace {

constexpr Millis max_wait = 3'600'000;

}  // namespace

// Not the clock of std::chrono, whose nanoseconds end in the year 2262.
Millis SystemClock::now() const {
    std::timespec time = {};
    (void)std::timespec_get(&time, TIME_UTC);
    return Millis{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

Millis SystemClock::steady() const {
    using std::chrono::steady_clock;
    return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch()).count();
}

// Never for more than an hour: the caller looks at its own deadlines again.
std::vector<JobEvent> SystemClock::wait(Mailbox& mailbox, std::optional<Millis> deadline) {
    return mailbox.take(deadline ? std::clamp<Millis>(*deadline - this->steady(), 0, max_wait) : max_wait);
}

bool SimulatedClock::skip_to(Millis steady_) {
    ahead_ += std::max<Millis>(steady_ - steady(), 0);
    return true;
}

// Time passes only where nothing else happens, so no event is later than it would be on a real clock.
std::vector<JobEvent> VirtualClock::wait(Mailbox& mailbox, std::optional<Millis> deadline) {
    auto events = mailbox.take(0);
    if (events.empty() && deadline) now_ = std::max(now_, *deadline);
    return events;
}

}  // namespace pvsplan::ports
