#include "runtime/ports/clock.hpp"

#include <charconv>
#include <ctime>
#include <string>

#include "runtime/ports/posix/proc.hpp"

namespace pvsplan::ports {

// CLOCK_BOOTTIME goes on while the machine sleeps, as the clock of a server does.
Millis since_boot() {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return Millis{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// Nothing where the system does not tell.
std::optional<std::int64_t> uptime_s() {
    const std::string line = posix::first_line("/proc/uptime");
    std::int64_t seconds = 0;
    const auto [end, wrong] = std::from_chars(line.data(), line.data() + line.size(), seconds);
    return wrong == std::errc() ? std::optional(seconds) : std::nullopt;
}

}  // namespace pvsplan::ports
