#include "runtime/ports/time_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <ctime>

#include "runtime/ports/calendar.hpp"

namespace pvsplan::ports {

namespace {

std::string formatted(const std::tm& parts, const char* format) {
    char text[64];
    return std::string(text, std::strftime(text, sizeof text, format, &parts));
}

}  // namespace

std::string local_time(Millis at) { return formatted(local_calendar(at), "%H:%M:%S"); }

std::string local_date_time(Millis at) {
    const std::tm parts = local_calendar(at);
    const std::string offset = formatted(parts, "%z");  // "+0100"
    return formatted(parts, "%Y-%m-%d %H:%M:%S ") + offset.substr(0, 3) + ":" + offset.substr(3);
}

std::string utc_time(Millis at) {
    const Millis ms = (at % 1000 + 1000) % 1000;
    return utc_text(at, "%Y-%m-%dT%H:%M:%S") + fmt::format(".{:03}Z", ms);
}

// In the two largest units; a clock that went back counts as none.
std::string duration_text(Millis milliseconds) {
    const Millis ms = std::max<Millis>(milliseconds, 0);
    if (ms < 1000) return fmt::format("{} ms", ms);
    const Millis seconds = ms / 1000;
    if (seconds < 60) return fmt::format("{} s", seconds);
    if (seconds < 3600) return fmt::format("{} m {} s", seconds / 60, seconds % 60);
    return fmt::format("{} h {} m", seconds / 3600, seconds / 60 % 60);
}

}  // namespace pvsplan::ports
