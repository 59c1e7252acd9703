// Waits for what comes by itself: not a moment longer than it takes, and on a busy machine for minutes.
#pragma once

#include <chrono>
#include <thread>

namespace pvsplan::tests {

// Nothing takes so long; what does hangs.
constexpr int patience_ms = 180'000;

inline void sleep_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

// Whether `done()` comes true in that time.
template <class Done>
bool soon(const Done& done) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    while (!done()) {
        if (std::chrono::steady_clock::now() > until) return false;
        sleep_ms(10);
    }
    return true;
}

}  // namespace pvsplan::tests
