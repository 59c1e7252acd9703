#include "compiler/program/window.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

#include "compiler/base/near.hpp"

namespace pvsplan::program {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using SysMillis = date::sys_time<milliseconds>;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t horizon_ms = 400 * day_ms;  // what opens only in summer opens within it

// Null: this machine does not know it.
const date::time_zone* find_zone(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::runtime_error&) {
        return nullptr;
    }
}

// The first moment at which the clocks of the zone show that time, or leave it out.
std::int64_t moment_of(const date::time_zone& zone, date::local_days day, std::uint16_t minute) {
    const date::local_time<milliseconds> shown = day + minutes(minute);
    return zone.to_sys(shown, date::choose::earliest).time_since_epoch().count();
}

bool opens_on(const Window& window, date::local_days day) {
    return (window.days >> (date::weekday(day).iso_encoding() - 1) & 1U) != 0;
}

Opening opening_on(const Window& window, const date::time_zone& zone, date::local_days day) {
    const date::local_days last = window.to > window.from ? day : day + date::days(1);
    return {moment_of(zone, day, window.from), moment_of(zone, last, window.to)};
}

// The first opening of this window alone that ends after `at`; openings without a break between them are one. Two days
// are looked back, since what opened then may still be open. A day on which the clocks leave all of it out has no
// opening.
std::optional<Opening> own_opening(const Window& window, const date::time_zone& zone, std::int64_t at) {
    const auto local = zone.to_local(SysMillis(milliseconds(at)));
    date::local_days day = date::floor<date::days>(local) - date::days(2);
    std::optional<Opening> found;
    // What is open on several days without a break may begin before those; nobody asks how long before.
    static constexpr int max_days = 14;
    for (int i = 0; i < max_days; ++i, day += date::days(1)) {
        if (!opens_on(window, day)) continue;
        const Opening next = opening_on(window, zone, day);
        if (next.from == next.to) continue;
        if (found && found->to > at && next.from > found->to) break;
        if (found && next.from <= found->to)
            found->to = next.to;
        else
            found = next;
    }
    return found && found->to > at ? found : std::nullopt;
}

}  // namespace

// The openings of this window and of those around it are cut with each other; where nothing is left, the search goes on
// at the beginning of the last one.
std::optional<Opening> opening_at(const std::vector<Window>& windows, WindowId id, std::int64_t at) {
    for (std::int64_t after = at; after < at + horizon_ms;) {
        Opening all{.from = after - horizon_ms, .to = after + horizon_ms};
        for (WindowId w = id; w; w = windows[w.index()].parent) {
            const Window& window = windows[w.index()];
            const date::time_zone* const zone = find_zone(window.zone);
            const std::optional<Opening> own = zone ? own_opening(window, *zone, after) : std::nullopt;
            if (!own) return std::nullopt;
            all = {std::max(all.from, own->from), std::min(all.to, own->to)};
        }
        if (all.from < all.to) return all;
        after = all.from;  // one of them has closed before the last one opens
    }
    return std::nullopt;
}

namespace {

// In a week in which no clock is set, winter or summer anywhere; those that meet are one.
std::vector<Opening> openings_of_week(const std::vector<Window>& windows, WindowId id) {
    static constexpr std::int64_t quiet_week = 1'768'176'000'000;  // from Monday 2026-01-12
    static constexpr std::int64_t end = quiet_week + 8 * day_ms;
    std::vector<Opening> all;
    for (std::int64_t at = quiet_week; at < end;) {
        const std::optional<Opening> next = opening_at(windows, id, at);
        if (!next || next->from >= end) break;
        if (!all.empty() && all.back().to >= next->from)
            all.back().to = next->to;
        else
            all.push_back(*next);
        at = next->to;
    }
    return all;
}

}  // namespace

std::int64_t longest_opening_ms(const std::vector<Window>& windows, WindowId id) {
    std::int64_t longest = 0;
    for (const Opening& one : openings_of_week(windows, id)) longest = std::max(longest, one.to - one.from);
    return longest;
}

bool is_open_within(const std::vector<Window>& inner_windows, WindowId inner, const std::vector<Window>& outer_windows,
                    WindowId outer) {
    if (!outer) return true;
    if (!inner) return false;
    const std::vector<Opening> in = openings_of_week(inner_windows, inner);
    const std::vector<Opening> out = openings_of_week(outer_windows, outer);
    return !in.empty() && std::all_of(in.begin(), in.end(), [&](const Opening& one) {
        return std::any_of(out.begin(), out.end(),
                           [&](const Opening& other) { return other.from <= one.from && one.to <= other.to; });
    });
}

// `HH:MM`, up to `24:00`, in minutes since midnight.
std::optional<std::uint16_t> time_of_day(std::string_view text) {
    const auto is_digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
    if (text.size() != 5 || text[2] != ':' || !is_digit(0) || !is_digit(1) || !is_digit(3) || !is_digit(4))
        return std::nullopt;
    const auto two = [&](std::size_t i) { return (text[i] - '0') * 10 + (text[i + 1] - '0'); };
    const int minute = two(0) * 60 + two(3);
    if (two(3) > 59 || minute > Window::whole_day) return std::nullopt;
    return static_cast<std::uint16_t>(minute);
}

std::string time_of_day_text(std::uint16_t minutes_after) {
    const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return two(minutes_after / 60) + ":" + two(minutes_after % 60);
}

const std::vector<std::string>& day_names() {
    static const std::vector<std::string> names = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    return names;
}

bool is_zone(const std::string& name) { return find_zone(name) != nullptr; }

// Nothing too where this machine has no data of time zones.
std::optional<std::string> nearest_zone(const std::string& name) {
    std::vector<std::string> names;
    try {
        for (const date::time_zone& zone : date::get_tzdb().zones) names.emplace_back(zone.name());
    } catch (const std::runtime_error&) {
        return std::nullopt;
    }
    if (std::optional<std::string> near = base::nearest(name, names)) return near;
    // "Berlin" for "Europe/Berlin".
    for (const std::string& known : names)
        if (known.size() > name.size() && known.ends_with("/" + name)) return known;
    return std::nullopt;
}

// Empty where the system does not say.
std::string zone_of_this_machine() {
    try {
        return date::current_zone()->name();
    } catch (const std::runtime_error&) {
        return "";
    }
}

std::string text_of(const Window& window) {
    std::string text = time_of_day_text(window.from) + " to " + time_of_day_text(window.to) + " " + window.zone;
    if (window.days == Window::every_day) return text;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < day_names().size(); ++i)
        if ((window.days >> i & 1U) != 0) names.push_back(day_names()[i]);
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? ", " : i + 1 == names.size() ? " and " : ", ") + names[i];
    return text;
}

std::string moment_text(const std::string& name, std::int64_t at) {
    const date::time_zone* const zone = find_zone(name);
    if (zone == nullptr) return "";
    return date::format("%a %F %R %Z", date::zoned_time<milliseconds>(zone, SysMillis(milliseconds(at))));
}

}  // namespace pvsplan::program
