// Windows of time: when steps may start. Times of day are those of a time zone with its daylight saving, as the time
// zone data of this machine has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/id.hpp"

namespace pvsplan::program {

using WindowId = base::Id<struct WindowTag>;  // index into Plan::windows

// A time that comes again every day, or on some days of the week.
struct Window {
    static constexpr std::uint16_t whole_day = 24 * 60;
    static constexpr std::uint8_t every_day = 0x7f;

    std::uint16_t from = 0;         // minutes after midnight
    std::uint16_t to = 0;           // likewise, up to 24:00; not later than `from`: on the next day
    std::string zone;               // "Europe/Berlin"
    std::uint8_t days = every_day;  // a bit for each day on which it opens, Monday the lowest
    WindowId parent;                // it is open only while that one is
    friend bool operator==(const Window&, const Window&) = default;
};

// A time in which a window, and all around it, is open: since 1970 in milliseconds, `to` is not in it.
struct Opening {
    std::int64_t from = 0;
    std::int64_t to = 0;
    [[nodiscard]] bool contains(std::int64_t at) const { return from <= at && at < to; }
    friend bool operator==(const Opening&, const Opening&) = default;
};

// The first opening that ends after `at`; it may have begun. None within a year, or no such zone on this machine: none.
//
// A window opens and closes the first time that the clocks of its zone show its times of that day. A time that they
// leave out is the moment at which they leave it out.
std::optional<Opening> opening_at(const std::vector<Window>& windows, WindowId id, std::int64_t at);

// How long the window is open at most without a break, in a week in which no clock is set; 0: never.
std::int64_t longest_opening_ms(const std::vector<Window>& windows, WindowId id);

// Whether the window `inner` is open only while `outer` is, in such a week; where it is never open, that is not known.
bool is_open_within(const std::vector<Window>& inner_windows, WindowId inner, const std::vector<Window>& outer_windows,
                    WindowId outer);

// "22:00"; "24:00" too.
std::optional<std::uint16_t> time_of_day(std::string_view text);
std::string time_of_day_text(std::uint16_t minutes);
// "mon" … "sun", Monday first.
const std::vector<std::string>& day_names();

// Whether this machine knows the time zone; the one that is nearest to a name, and the one of this machine, if any.
bool is_zone(const std::string& name);
std::optional<std::string> nearest_zone(const std::string& name);
std::string zone_of_this_machine();

// "22:00 to 05:00 Europe/Berlin, fri and sat"
std::string text_of(const Window& window);
// "Fri 2026-11-27 22:00 CET"
std::string moment_text(const std::string& zone, std::int64_t at);

}  // namespace pvsplan::program
