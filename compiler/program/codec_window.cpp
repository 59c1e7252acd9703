#include "compiler/program/codec_window.hpp"

#include <algorithm>

namespace pvsplan::program {

// Days stand in the order of the week, and not at all if it is every day: one window has one text.
void write_window(std::string& out, const Window& window) {
    out += R"({"from": ")" + time_of_day_text(window.from) + R"(", "to": ")" + time_of_day_text(window.to) +
           R"(", "zone": )";
    write_json_string(out, window.zone);
    if (window.days != Window::every_day) {
        out += R"(, "days": [)";
        const char* separator = "";
        for (std::size_t i = 0; i < day_names().size(); ++i) {
            if ((window.days >> i & 1U) == 0) continue;
            out += separator;
            write_json_string(out, day_names()[i]);
            separator = ", ";
        }
        out += ']';
    }
    if (window.parent) out += R"(, "parent": )" + std::to_string(window.parent.value);
    out += '}';
}

namespace {

// Minutes since midnight; 0 once the reader has failed.
std::uint16_t read_time(JsonReader& in) {
    const std::size_t where = in.offset();
    const std::string text = in.string();
    const std::optional<std::uint16_t> time = time_of_day(text);
    if (in.ok() && !time) in.fail_at(where, "`" + text + "` is not a time of day");
    return time.value_or(0);
}

// A bit for each day, from Monday on.
void read_day(JsonReader& in, Window& window) {
    const std::size_t where = in.offset();
    const std::string text = in.string();
    const auto found = std::find(day_names().begin(), day_names().end(), text);
    if (found == day_names().end()) return in.fail_at(where, "`" + text + "` is not a day");
    window.days = static_cast<std::uint8_t>(window.days | 1U << (found - day_names().begin()));
}

}  // namespace

// A window lies within earlier ones alone, so that whoever follows its parents comes to an end.
Window read_window(JsonReader& in, std::size_t number) {
    Window window;
    in.open_object();
    in.field("from");
    window.from = read_time(in);
    in.field("to");
    window.to = read_time(in);
    in.field("zone");
    window.zone = in.string();
    if (in.maybe("days")) {
        window.days = 0;
        in.open_array();
        while (in.more()) read_day(in, window);
    }
    if (in.maybe("parent")) {
        const std::size_t where = in.offset();
        window.parent = WindowId(in.natural());
        if (in.ok() && window.parent.index() >= number) in.fail_at(where, "there is no earlier window of that number");
    }
    in.close_object();
    if (in.ok() && (window.from == window.to || window.from >= Window::whole_day))
        in.fail("a window opens within a day and does not close at the same time");
    return window;
}

}  // namespace pvsplan::program
