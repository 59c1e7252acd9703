// How long a host that cannot be reached is tried, and the pauses in between.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "runtime/ports/transport.hpp"

namespace pvsplan::transport {

// Counts by the clock, with what the tries themselves take: a host that refuses and one that never answers have the
// same.
class Patience {
  public:
    using Clock = std::chrono::steady_clock;

    // Called when a try begins, and when a connection that had been made breaks.
    void tries() {
        if (!since_) since_ = Clock::now();
    }
    void answered() { *this = {}; }
    [[nodiscard]] bool is_over(ports::Millis patience_ms) const { return tried_ms() >= patience_ms; }
    // Until the next try: twice as long each time, and the last one at the end of the patience.
    ports::Millis pause(ports::Millis first_ms, ports::Millis longest_ms, ports::Millis patience_ms) {
        const ports::Millis now = std::clamp(next_ms_, first_ms, longest_ms);
        next_ms_ = now * 2;
        return std::clamp(patience_ms - tried_ms(), std::min(first_ms, now), now);
    }

  private:
    [[nodiscard]] ports::Millis tried_ms() const {
        if (!since_) return 0;
        return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - *since_).count();
    }
    std::optional<Clock::time_point> since_;
    ports::Millis next_ms_ = 0;
};

// For one connection of an observation: half of its patience, so that there is a second try.
inline int connect_timeout_of(const ports::Job& job, int usual_s) {
    if (job.type != ports::Job::Type::observation) return usual_s;
    return std::clamp(static_cast<int>(job.patience_ms / 2000), 1, usual_s);
}

}  // namespace pvsplan::transport
