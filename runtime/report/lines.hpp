// An event as one line: for people, and as JSON for programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/engine/event.hpp"
#include "runtime/ports/time_text.hpp"

namespace pvsplan::report {

// "step_output", heartbeats and the like are nothing that a log should keep: their line is empty.
// `time` stands at its beginning; the line has no end. Not made harmless for a terminal: views do that.
std::string line_of(const engine::Event& event, const std::string& time);

// "attempt 2 of 3"; empty of a first one of one. An operator may let a step run again, from which it is counted anew.
std::string attempt_text(std::uint32_t attempt, std::uint32_t tries, std::uint32_t max_tries);

// What a line for programs is, and so the last one, which says what became of a command: its schema is in
// `cli/formats`.
inline constexpr std::string_view event_format = "pvsplan.event/1";
// One object without line feeds; members that are empty are left out. Bytes that are no UTF-8 are replaced.
std::string json_of(const engine::Event& event);

using ports::duration_text;
using ports::local_date_time;
using ports::local_time;
using ports::utc_time;

}  // namespace pvsplan::report
