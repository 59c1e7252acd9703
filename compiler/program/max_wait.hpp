// How long, and how often, a plan may say that something is waited for. More is a slip of the unit, and with a limit no
// sum of times is more than a number holds.
#pragma once

#include <cstdint>

namespace pvsplan::program {

inline constexpr std::int64_t max_wait_ms = std::int64_t{366} * 24 * 3600 * 1000;

// A step that fails a thousand times will not succeed.
inline constexpr std::uint32_t max_retries = 1000;

[[nodiscard]] constexpr bool is_wait(std::int64_t ms) { return ms >= 0 && ms <= max_wait_ms; }

}  // namespace pvsplan::program
