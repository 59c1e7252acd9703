#include "runtime/ports/clock.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/ports/transport.hpp"

namespace pvsplan::ports {

Mailbox::Mailbox() = default;
Mailbox::~Mailbox() = default;

void Mailbox::post(JobEvent event) {
    {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
    }
    posted_.notify_one();
}

void Mailbox::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    posted_.notify_one();
}

std::vector<JobEvent> Mailbox::take(Millis for_ms) {
    std::unique_lock lock(mutex_);
    if (for_ms > 0) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(for_ms);
        posted_.wait_until(lock, until, [this] { return woken_ || !events_.empty(); });
    }
    woken_ = false;
    return std::exchange(events_, {});
}

namespace {

template <class SomeClock>
Millis millis_of() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(SomeClock::now().time_since_epoch()).count();
}

constexpr Millis longest_wait = 3'600'000;

}  // namespace

Millis SystemClock::now() const { return millis_of<std::chrono::system_clock>(); }
Millis SystemClock::steady() const { return millis_of<std::chrono::steady_clock>(); }

std::vector<JobEvent> SystemClock::wait(Mailbox& mailbox, std::optional<Millis> deadline) {
    return mailbox.take(deadline ? std::clamp<Millis>(*deadline - this->steady(), 0, longest_wait) : longest_wait);
}

bool SimulatedClock::skip_to(Millis steady_) {
    ahead_ += std::max<Millis>(steady_ - steady(), 0);
    return true;
}

std::vector<JobEvent> VirtualClock::wait(Mailbox& mailbox, std::optional<Millis> deadline) {
    auto events = mailbox.take(0);
    if (events.empty() && deadline) now_ = std::max(now_, *deadline);
    return events;
}

}  // namespace pvsplan::ports
