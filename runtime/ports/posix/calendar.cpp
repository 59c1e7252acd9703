#include "runtime/ports/calendar.hpp"

namespace pvsplan::ports {

namespace {

// The second in which a moment lies, before 1970 too.
std::time_t seconds_of(Millis at) { return static_cast<std::time_t>(at >= 0 ? at / 1000 : (at - 999) / 1000); }

}  // namespace

std::tm utc_calendar(Millis at) {
    const std::time_t seconds = seconds_of(at);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return parts;
}

std::tm local_calendar(Millis at) {
    const std::time_t seconds = seconds_of(at);
    std::tm parts{};
    localtime_r(&seconds, &parts);
    return parts;
}

std::string utc_text(Millis at, const char* form) {
    const std::tm parts = utc_calendar(at);
    char text[64];
    return std::string(text, std::strftime(text, sizeof text, form, &parts));
}

}  // namespace pvsplan::ports
