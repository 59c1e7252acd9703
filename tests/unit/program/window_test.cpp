// Windows of time against the clocks of the C library, minute by minute, over the days on which clocks are set.
#include "compiler/program/window.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <ctime>
#include <random>

namespace pvsplan::program {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t day_minutes = 24 * 60;

// What the clocks of a zone show in each minute from `first` on: minutes, counted as if no clock was ever set.
class Shown {
  public:
    Shown(const std::string& zone, std::int64_t first, std::size_t minutes) : first_(first), shown_(minutes) {
        setenv("TZ", zone.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): tests run alone in their process
        tzset();                        // NOLINT(concurrency-mt-unsafe)
        for (std::size_t i = 0; i < minutes; ++i) {
            const auto at = static_cast<std::time_t>(first * 60 + static_cast<std::int64_t>(i) * 60);
            std::tm parts{};
            localtime_r(&at, &parts);
            shown_[i] = timegm(&parts) / 60;
        }
    }
    // The first minute that shows this time or a later one.
    [[nodiscard]] std::size_t reaches(std::int64_t time) const {
        std::size_t i = 0;
        while (i < shown_.size() && shown_[i] < time) ++i;
        return i;
    }
    [[nodiscard]] std::int64_t first_day() const { return shown_.front() / day_minutes; }
    [[nodiscard]] std::size_t size() const { return shown_.size(); }
    [[nodiscard]] std::int64_t at_ms(std::size_t minute) const {
        return (first_ + static_cast<std::int64_t>(minute)) * minute_ms;
    }

  private:
    std::int64_t first_;
    std::vector<std::int64_t> shown_;
};

// By minute: whether the window is open.
std::vector<char> open_minutes(const Window& window, const Shown& shown) {
    std::vector<char> open(shown.size());
    const auto days = static_cast<std::int64_t>(shown.size()) / day_minutes;
    for (std::int64_t day = shown.first_day(); day < shown.first_day() + days; ++day) {
        const auto weekday = static_cast<unsigned>(((day + 3) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
        if ((window.days >> weekday & 1U) == 0) continue;
        const std::int64_t last = window.to > window.from ? day : day + 1;
        const std::size_t to = shown.reaches(last * day_minutes + window.to);
        for (std::size_t i = shown.reaches(day * day_minutes + window.from); i < to; ++i) open[i] = 1;
    }
    return open;
}

std::vector<Opening> intervals(const std::vector<char>& open, const Shown& shown, std::size_t from, std::size_t to) {
    std::vector<Opening> all;
    for (std::size_t i = from; i < to; ++i) {
        if (open[i] == 0) continue;
        if (all.empty() || i == from || open[i - 1] == 0) all.push_back({shown.at_ms(i), 0});
        all.back().to = shown.at_ms(i + 1);
    }
    return all;
}

// The same by opening_at(), cut to the same time.
std::vector<Opening> walked(const std::vector<Window>& windows, std::int64_t from, std::int64_t to) {
    std::vector<Opening> all;
    for (std::int64_t at = from; at < to;) {
        const std::optional<Opening> next = opening_at(windows, WindowId(windows.size() - 1), at);
        if (!next || next->from >= to) break;
        REQUIRE(next->from < next->to);
        REQUIRE(next->to > at);
        const Opening cut{std::max(next->from, at), std::min(next->to, to)};
        // One that lasts for weeks is told in parts.
        if (!all.empty() && all.back().to == cut.from)
            all.back().to = cut.to;
        else
            all.push_back(cut);
        at = next->to;
    }
    return all;
}

std::string text_of(const std::vector<Opening>& all, const std::string& zone) {
    std::string text;
    for (const Opening& one : all) text += moment_text(zone, one.from) + " - " + moment_text(zone, one.to) + "\n";
    return text;
}

struct Days {
    const char* zone;
    std::int64_t minute;  // about which a clock is set
};
// Cairo sets its clocks at midnight, Lord Howe by half an hour; Apia has left out a whole day.
constexpr Days set_clocks[] = {{"Europe/Berlin", 29'579'040},                                       // 2026-03-29
                               {"Europe/Berlin", 29'881'440},                                       // 2026-10-25
                               {"America/New_York", 29'548'800},                                    // 2026-03-08
                               {"America/New_York", 29'891'520},                                    // 2026-11-01
                               {"Africa/Cairo", 29'616'480},                                        // 2026-04-24
                               {"Africa/Cairo", 29'888'640},                                        // 2026-10-30
                               {"Australia/Lord_Howe", 29'589'120},                                 // 2026-04-05
                               {"Asia/Kathmandu", 29'589'120},      {"Pacific/Apia", 22'086'720}};  // 2011-12-30

class ZoneOfTest {
  public:
    ZoneOfTest() : before_(std::getenv("TZ") != nullptr ? std::getenv("TZ") : "") {}  // NOLINT(concurrency-mt-unsafe)
    ~ZoneOfTest() {
        before_.empty() ? unsetenv("TZ") : setenv("TZ", before_.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
        tzset();                                                              // NOLINT(concurrency-mt-unsafe)
    }
    ZoneOfTest(const ZoneOfTest&) = delete;
    ZoneOfTest& operator=(const ZoneOfTest&) = delete;

  private:
    std::string before_;
};

}  // namespace

TEST_CASE("a window is open in the minutes that the clocks of its zone say, however they are set") {
    const ZoneOfTest zone_of_test;
    std::mt19937 random(7);
    constexpr std::int64_t around = 12 * day_minutes;
    constexpr auto margin = static_cast<std::size_t>(3 * day_minutes);
    std::size_t openings = 0;
    for (const Days& days : set_clocks) {
        const Shown shown(days.zone, days.minute - around, static_cast<std::size_t>(2 * around));
        for (int i = 0; i < 120; ++i) {
            // Mostly about the hours in which clocks are set.
            const auto time = [&] {
                return static_cast<std::uint16_t>(random() % 3 == 0 ? random() % 1440 : random() % 16 * 15);
            };
            Window window{
                .from = time(), .to = time(), .zone = days.zone, .days = static_cast<std::uint8_t>(1 + random() % 127)};
            if (window.to == 0 && random() % 2 == 0) window.to = Window::whole_day;
            if (random() % 3 == 0) window.days = Window::every_day;
            if (window.from == window.to) continue;
            std::vector<Window> windows = {window};
            std::vector<char> open = open_minutes(window, shown);
            if (random() % 3 == 0) {
                Window inner{.from = time(), .to = time(), .zone = days.zone, .parent = WindowId(0)};
                if (inner.from == inner.to) continue;
                const std::vector<char> also = open_minutes(inner, shown);
                for (std::size_t m = 0; m < open.size(); ++m) open[m] = open[m] != 0 && also[m] != 0 ? 1 : 0;
                windows.push_back(inner);
            }
            const std::size_t end = shown.size() - margin;
            const std::vector<Opening> expected = intervals(open, shown, margin, end);
            openings += expected.size();
            INFO(program::text_of(windows.front())
                 << (windows.size() > 1 ? " and " + program::text_of(windows[1]) : ""));
            REQUIRE(text_of(walked(windows, shown.at_ms(margin), shown.at_ms(end)), days.zone) ==
                    text_of(expected, days.zone));
        }
    }
    CHECK(openings > 5000);
}

TEST_CASE("windows of two zones are open together when both are") {
    const std::vector<Window> windows = {
        {.from = 22 * 60, .to = 5 * 60, .zone = "Europe/Berlin", .days = 0b0110000},
        {.from = 23 * 60, .to = 2 * 60, .zone = "Europe/London", .parent = WindowId(0)}};
    constexpr std::int64_t thursday = 1'795'651'200'000;  // 2026-11-26 00:00 UTC
    const auto next = opening_at(windows, WindowId(1), thursday);
    REQUIRE(next);
    CHECK(moment_text("Europe/Berlin", next->from) == "Sat 2026-11-28 00:00 CET");
    CHECK(moment_text("Europe/London", next->to) == "Sat 2026-11-28 02:00 GMT");
    CHECK(longest_opening_ms(windows, WindowId(0)) == 7 * 3'600'000);
    CHECK(longest_opening_ms(windows, WindowId(1)) == 3 * 3'600'000);
}

TEST_CASE("windows that are never open together do not open") {
    const std::vector<Window> windows = {{.from = 60, .to = 120, .zone = "UTC"},
                                         {.from = 120, .to = 180, .zone = "UTC", .parent = WindowId(0)}};
    CHECK_FALSE(opening_at(windows, WindowId(1), 0));
    CHECK(longest_opening_ms(windows, WindowId(1)) == 0);
    // In summer only: a year has one.
    const std::vector<Window> summer = {{.from = 120, .to = 180, .zone = "Europe/Berlin"},
                                        {.from = 0, .to = 60, .zone = "UTC", .parent = WindowId(0)}};
    constexpr std::int64_t winter = 1'795'651'200'000;
    const auto next = opening_at(summer, WindowId(1), winter);
    REQUIRE(next);
    CHECK(moment_text("Europe/Berlin", next->from) == "Mon 2027-03-29 02:00 CEST");
}

TEST_CASE("whole days side by side are one opening") {
    const std::vector<Window> weekend = {
        {.from = 0, .to = Window::whole_day, .zone = "Europe/Berlin", .days = 0b1100000}};
    constexpr std::int64_t thursday = 1'795'651'200'000;
    const auto next = opening_at(weekend, WindowId(0), thursday);
    REQUIRE(next);
    CHECK(next->to - next->from == 48LL * 3'600'000);
    CHECK(longest_opening_ms(weekend, WindowId(0)) == 48LL * 3'600'000);
}

TEST_CASE("times of day and zones as they are written") {
    CHECK(time_of_day("22:05") == 22 * 60 + 5);
    CHECK(time_of_day("24:00") == Window::whole_day);
    for (const char* wrong : {"24:01", "25:00", "9:00", "22:60", "22.00", "22:0", "", "ab:cd", "22:000"})
        CHECK_FALSE(time_of_day(wrong));
    CHECK(time_of_day_text(5) == "00:05");
    CHECK(is_zone("Europe/Berlin"));
    for (const char* wrong : {"Berlin", "", "../../../etc/passwd", "/etc/localtime", "CEST", "Europe"})
        CHECK_FALSE(is_zone(wrong));
    CHECK(nearest_zone("Europe/Berln") == "Europe/Berlin");
    CHECK(nearest_zone("Berlin") == "Europe/Berlin");
    CHECK_FALSE(nearest_zone("W. Europe Standard Time"));
    const Window nights{.from = 22 * 60, .to = 300, .zone = "Europe/Berlin", .days = 0b0110000};
    CHECK(program::text_of(nights) == "22:00 to 05:00 Europe/Berlin, fri and sat");
    // A zone that this machine has lost: nobody knows when it opens.
    CHECK_FALSE(opening_at({{.from = 0, .to = 60, .zone = "Nowhere/Else"}}, WindowId(0), 0));
}

}  // namespace pvsplan::program
