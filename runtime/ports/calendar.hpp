// A moment as people divide time. The zone of this machine is that of TZ, else of the system.
#pragma once

#include <ctime>
#include <string>

#include "runtime/ports/clock.hpp"

namespace pvsplan::ports {

// From any thread, unlike those of C.
std::tm utc_calendar(Millis at);
std::tm local_calendar(Millis at);

// The moment in UTC, in a form of strftime() of up to 63 characters.
std::string utc_text(Millis at, const char* form);

}  // namespace pvsplan::ports
