// `window: {from: "22:00", to: "05:00", zone: Europe/Berlin, days: [fri, sat]}`
#include <fmt/core.h>

#include <algorithm>

#include "compiler/base/lower_case.hpp"
#include "compiler/base/near.hpp"
#include "compiler/syntax/decode.hpp"

namespace pvsplan::syntax {
namespace {

using program::Window;

// What was meant by `10pm`, `9:30`, `22.00`, `22`, and by `25:00`, as timetables write one o'clock of the next day;
// empty: nobody knows.
std::string meant_time(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto number_at = [&](std::size_t& at) {
        const std::size_t begin = at;
        int number = 0;
        while (at < text.size() && is_digit(text[at]) && at - begin < 2) number = number * 10 + (text[at++] - '0');
        return at == begin ? -1 : number;
    };
    std::size_t at = 0;
    int hour = number_at(at);
    int minute = 0;
    if (at < text.size() && (text[at] == ':' || text[at] == '.' || text[at] == 'h')) minute = number_at(++at);
    while (at < text.size() && text[at] == ' ') ++at;
    const std::string_view rest = text.substr(at);
    if (rest == "pm" || rest == "PM") hour = hour % 12 + 12;
    if (rest == "am" || rest == "AM") hour %= 12;
    const bool is_read = rest.empty() || rest == "am" || rest == "AM" || rest == "pm" || rest == "PM" ||
                         (rest.starts_with(":") && rest.size() == 3);  // seconds
    if (hour >= 24 && hour < 30 && hour * 60 + minute > Window::whole_day) hour -= 24;
    if (!is_read || hour < 0 || hour > 24 || minute < 0 || minute > 59) return "";
    return program::time_of_day_text(static_cast<std::uint16_t>(hour * 60 + minute));
}

// `24:00` is an end and no beginning: as a beginning it is `00:00` of the next day, and that is what the hint says.
std::optional<std::uint16_t> read_time(const Reading& in, NodeId node, std::string_view key) {
    const std::optional<Text> text = read_text(in, node, key);
    if (!text) return std::nullopt;
    const std::optional<std::uint16_t> time = program::time_of_day(text->value);
    if (time && (*time < Window::whole_day || key == "to")) return time;
    const std::string meant = time ? "00:00" : meant_time(text->value);
    auto report = in.sink.report(codes::bad_time, text->span, text->value);
    if (meant.empty())
        report.hint(fmt::format("write hours and minutes: `{}: \"22:00\"`", key));
    else
        report.hint(fmt::format("write `{}: \"{}\"`", key, meant))
            .may_mean({in.tree[node].is_plain ? "\"" + meant + "\"" : meant});
    return std::nullopt;
}

// With the zone of this machine, which often is the one that is meant.
std::string zone_hint() {
    const std::string here = program::zone_of_this_machine();
    return "name it as the IANA time zone database does: `Europe/Berlin`" +
           (here.empty() ? std::string() : fmt::format("; this machine is in `{}`", here));
}

// A machine without `tzdata` knows no zone at all; that is told as such, not as a misspelt zone.
bool check_zone(const Reading& in, const Text& zone) {
    if (program::is_zone(zone.value)) return true;
    auto report = in.sink.report(codes::unknown_zone, zone.span, zone.value);
    if (const std::optional<std::string> near = program::nearest_zone(zone.value))
        report.did_you_mean(near);
    else if (program::is_zone("UTC"))
        report.hint(zone_hint());
    else
        report.hint("this machine has no time zones at all: install the package `tzdata`");
    return false;
}

// None: nothing that could be read.
std::uint8_t read_days(const Reading& in, NodeId node) {
    unsigned days = 0;
    for (const Text& text : read_texts(in, node, "days")) {
        const std::vector<std::string>& names = program::day_names();
        const auto found = std::find(names.begin(), names.end(), text.value);
        if (found == names.end()) {
            // "Friday", "Fr": by its beginning.
            const std::string word = base::lower_case(text.value.substr(0, 3));
            const auto meant = std::find(names.begin(), names.end(), word);
            in.sink
                .report(codes::bad_choice, text.span, diag::Name("days"), diag::Given(text.value),
                        diag::Words("`mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`"))
                .did_you_mean(meant == names.end() ? base::nearest(text.value, names) : *meant);
            continue;
        }
        const unsigned day = 1U << static_cast<unsigned>(found - names.begin());
        if ((days & day) != 0)
            in.sink.report(codes::odd_window, text.span, fmt::format("opens on `{}` twice", text.value))
                .hint("name each day once, or leave `days` out for every day");
        days |= day;
    }
    return static_cast<std::uint8_t>(days);
}

}  // namespace

// Nothing unless all of it could be read: half a window would be another one. Where it ends before it begins it reaches
// over midnight.
std::optional<WindowText> read_window(const Reading& in, NodeId node) {
    if (node.is_none()) return std::nullopt;
    const Fields fields(in, node, grammar::shape("window"));
    WindowText text{.window = {}, .span = in.tree.span(node)};
    const std::optional<std::uint16_t> from = read_time(in, fields["from"], "from");
    const std::optional<std::uint16_t> to = read_time(in, fields["to"], "to");
    const std::optional<Text> zone = read_text(in, fields["zone"], "zone");
    const bool is_zone_known = zone && check_zone(in, *zone);
    if (const NodeId days = fields["days"]; !days.is_none()) {
        expect_entries(in, days, "days", "it would never open", "leave it out for every day, or name the days");
        text.window.days = read_days(in, days);
    }
    if (from && to && *from == *to) {
        in.sink.report(codes::odd_window, text.span, "closes when it opens")
            .hint("for the whole day write `from: \"00:00\", to: \"24:00\"`");
        return std::nullopt;
    }
    if (!from || !to || !is_zone_known || text.window.days == 0) return std::nullopt;
    text.window.from = *from;
    text.window.to = *to;
    text.window.zone = zone->value;
    return text;
}

}  // namespace pvsplan::syntax
