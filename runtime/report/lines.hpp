// An event as one line: for people, and as JSON for programs.
#pragma once

#include <string>

#include "runtime/engine/event.hpp"

namespace pvsplan::report {

// "step_output", heartbeats and the like are nothing that a log should keep: their line is empty.
// `time` stands at its beginning; the line has no end.
std::string line_of(const engine::Event& event, const std::string& time);

// One object without line feeds; members that are empty are left out.
std::string json_of(const engine::Event& event);

// "09:03:14", in the time zone of this machine; "2026-11-24T09:03:14.123Z".
std::string local_time(ports::Millis at);
std::string utc_time(ports::Millis at);
// "2026-11-24 09:03:14", in the time zone of this machine.
std::string local_date_time(ports::Millis at);

// "850 ms", "6 s", "1 m 20 s", "2 h 5 m".
std::string duration_text(std::int64_t milliseconds);

}  // namespace pvsplan::report
