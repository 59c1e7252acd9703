// Moments as people and programs read them. For people: the time zone of this machine (or of TZ), always with its
// offset.
#pragma once

#include <string>

#include "runtime/ports/clock.hpp"

namespace pvsplan::ports {

// "09:03:14"; where it stands alone the zone is said once, by local_date_time.
std::string local_time(Millis at);
// "2026-11-24 09:03:14 +01:00"
std::string local_date_time(Millis at);
// "2026-11-24T09:03:14.123Z"
std::string utc_time(Millis at);
// "850 ms", "6 s", "1 m 20 s", "2 h 5 m"; never less than nothing.
std::string duration_text(Millis milliseconds);

}  // namespace pvsplan::ports
