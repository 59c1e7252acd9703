#include "runtime/picture/chart.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "compiler/base/lists.hpp"
#include "compiler/diag/display.hpp"
#include "runtime/picture/markup.hpp"

namespace pvsplan::picture {
namespace {

constexpr std::size_t many_steps = 2000;  // of a picture: then steps have no label, which would be most of the file
// How wide the time of a chart is at least, to judge where a text fits: page.css says so, in any window by the width of
// the sheet less the names, and in a wide one, where what has the class `wide` is shown.
constexpr std::array narrowest_px = {528.0, 1232.0, 2352.0, 4272.0};
constexpr double wide_px = 1100;
constexpr double px_of_character = 6.2;
constexpr double px_of_bold_character = 8.2;

// By the longest chain: so many steps stand beside each other at least, each wide enough to be seen.
std::size_t width_of(const Picture& picture) {
    return picture.longest_chain < 80 ? 0 : picture.longest_chain < 200 ? 1 : picture.longest_chain < 500 ? 2 : 3;
}

// As many of its characters as stand in so many columns; what is cut off is marked.
std::string cut(const std::string& text, std::uint32_t columns) {
    if (diag::columns(text) <= columns) return text;
    std::string result;
    std::uint32_t used = 1;
    for (const diag::Cell& cell : diag::cells(text)) {
        used += cell.columns;
        if (used > columns) break;
        result += cell.text;
    }
    return result + "…";
}

// Two digits at most, with a point whatever the locale is: CSS and SVG know no other.
std::string decimal(double value) {
    const auto hundredths = static_cast<std::int64_t>(value * 100 + 0.5);
    std::string text = std::to_string(hundredths / 100);
    if (const std::int64_t rest = hundredths % 100; rest != 0) {
        text += (rest < 10 ? ".0" : ".") + std::to_string(rest % 10 == 0 && rest >= 10 ? rest / 10 : rest);
    }
    return text;
}

std::string kind_of(Mark::Type type) {
    static constexpr std::array words = {"approval", "window", "no_return", "violation", "rollback"};
    return std::string("label-") + words[static_cast<std::size_t>(type)];
}

// An approval is a moment in the middle of its step; all else begins at its place.
At place_of(const Mark& mark) {
    return mark.type == Mark::Type::approval ? (mark.when.from + mark.when.to) / 2 : mark.when.from;
}

// Over twenty methods: one for each thing that is drawn.
//
// Writes the chart of one picture; used once. Places are shares of the whole width, so that a browser lays it out and
// no script has to. Each text of the picture goes through escaped().
class Chart {
  public:
    explicit Chart(const Picture& picture) : picture_(picture), narrowest_(narrowest_px.at(width_of(picture))) {
        for (const Group& group : picture.groups)
            for (const Lane& lane : group.lanes) steps_ += lane.steps.size();
        for (const Mark& mark : picture.marks) {
            lines_.push_back(place_of(mark));
            if (mark.type == Mark::Type::window) lines_.push_back(mark.when.to);
        }
        if (picture.strip && picture.strip->worst_at) lines_.push_back(*picture.strip->worst_at);
        std::sort(lines_.begin(), lines_.end());
    }

    std::string html() && {
        over();
        axis();
        labels();
        if (picture_.strip) strip(*picture_.strip);
        for (const Group& each : picture_.groups) group(each);
        return std::move(out_);
    }

  private:
    [[nodiscard]] double share(At at) const {
        return 100.0 * static_cast<double>(at) / static_cast<double>(picture_.width);
    }
    [[nodiscard]] std::string percent(At at) const { return decimal(share(at)) + "%"; }

    void rect(std::string_view kind, const Stretch& when, std::string_view more = "") {
        out_ += "<rect class=\"" + std::string(kind) + "\" x=\"" + percent(when.from) + "\" width=\"" +
                percent(when.to - when.from) + "\"" + std::string(more) + "/>";
    }
    void line(std::string_view kind, At at) {
        out_ += "<line class=\"" + std::string(kind) + "\" x1=\"" + percent(at) + "\" x2=\"" + percent(at) +
                "\" y1=\"0\" y2=\"100%\"/>";
    }

    // What goes over the full height: below the lanes, and above them.
    void over() {
        out_ += "<svg class=\"over under\" aria-hidden=\"true\">";
        for (const Tick& tick : picture_.ticks) line("tick", tick.at);
        const auto no_return = std::find_if(picture_.marks.begin(), picture_.marks.end(),
                                            [](const Mark& mark) { return mark.type == Mark::Type::no_return; });
        if (no_return != picture_.marks.end()) rect("behind", {no_return->when.from, picture_.end}, " height=\"100%\"");
        for (const Mark& mark : picture_.marks)
            if (mark.type == Mark::Type::rollback) rect("back", mark.when, " height=\"100%\"");
        out_ += "</svg><svg class=\"over\" aria-hidden=\"true\">";
        for (const Mark& mark : picture_.marks) switch (mark.type) {
                case Mark::Type::approval: line("gate", (mark.when.from + mark.when.to) / 2); break;
                case Mark::Type::window:
                    line("window", mark.when.from);
                    line("window", mark.when.to);
                    break;
                case Mark::Type::no_return: line("no-return", mark.when.from); break;
                case Mark::Type::violation: line("violation", mark.when.from); break;
                case Mark::Type::rollback: line("rollback", mark.when.from); break;
            }
        if (picture_.strip && picture_.strip->worst_at) line("worst", *picture_.strip->worst_at);
        out_ += "</svg>\n";
    }

    // A tick that is too near to the one before has a line and no label.
    void axis() {
        out_ += "<div class=\"row axis\"><div class=\"name\"><span>" +
                std::string(picture_.ticks.empty() ? "order alone" : "expected time") +
                "</span></div><svg aria-hidden=\"true\">";
        double last = -100;
        for (const Tick& tick : picture_.ticks) {
            if (share(tick.at) - last < 4) continue;
            last = share(tick.at);
            text(tick.at, 15, "", tick.label, tick.at == 0 ? "start" : "middle");
        }
        out_ += "</svg></div>\n";
    }

    void text(At at, int y, const std::string& kind, const std::string& words, std::string_view anchor, int dx = 0) {
        out_ += "<text x=\"" + percent(at) + "\" y=\"" + std::to_string(y) + "\"" +
                (kind.empty() ? "" : " class=\"" + kind + "\"") +
                (anchor == "start" ? "" : " text-anchor=\"" + std::string(anchor) + "\"") +
                (dx == 0 ? "" : " dx=\"" + std::to_string(dx) + "\"") + ">" + escaped(words) + "</text>";
    }

    // The class of a text that needs so much of a chart that is 1 px wide; nothing where it fits in no usual window.
    [[nodiscard]] std::optional<std::string> shown_in(const std::string& kind, double px_of_chart) const {
        if (px_of_chart <= narrowest_) return kind;
        if (px_of_chart <= wide_px) return kind + " wide";
        return std::nullopt;
    }

    // How many lines over the full height lie within it.
    [[nodiscard]] std::ptrdiff_t lines_in(const Stretch& stretch) const {
        return std::lower_bound(lines_.begin(), lines_.end(), stretch.to) -
               std::upper_bound(lines_.begin(), lines_.end(), stretch.from);
    }

    // The widest part of it that no line over the full height crosses.
    [[nodiscard]] Stretch free_part(const Stretch& stretch) const {
        Stretch widest{stretch.from, stretch.from};
        At from = stretch.from;
        const auto take = [&](At to) {
            if (to - from > widest.to - widest.from) widest = {from, to};
            from = to;
        };
        for (auto at = std::upper_bound(lines_.begin(), lines_.end(), stretch.from);
             at != lines_.end() && *at < stretch.to; ++at)
            take(*at);
        take(stretch.to);
        return widest;
    }

    // The names of the marks, in as many lines as it takes for none to lie over another. From left to right, each in
    // the first line that is free there. What finds none in ten lines has no label: its line is drawn all the same.
    void labels() {
        static constexpr int line_px = 16;
        static constexpr std::size_t max_lines = 10;
        static constexpr std::uint32_t max_length = 40;  // fits on one side or the other of any place
        struct Placed {
            const Mark* mark;
            std::size_t row;
            bool is_left;  // of its place
        };
        std::vector<std::vector<std::pair<double, double>>> taken;
        std::vector<Placed> placed;
        for (const Mark& mark : picture_.marks) {
            const double at = share(place_of(mark)) / 100 * narrowest_;
            const double length =
                px_of_character * static_cast<double>(std::min(max_length, diag::columns(mark.label))) + 14;
            const auto lines_beside = [&](double from, double to) {
                const auto at_px = [&](double px) {
                    return static_cast<At>(px / narrowest_ * static_cast<double>(picture_.width));
                };
                return lines_in({at_px(from), at_px(to)});
            };
            const bool is_left =
                at + length > narrowest_ ||
                (at - length >= 0 && lines_beside(at - length, at - 1) < lines_beside(at + 1, at + length));
            const std::pair<double, double> span = is_left ? std::pair(at - length, at) : std::pair(at, at + length);
            std::size_t row = 0;
            const auto is_free = [&](const std::pair<double, double>& other) {
                return span.second <= other.first || other.second <= span.first;
            };
            while (row < taken.size() && !std::all_of(taken[row].begin(), taken[row].end(), is_free)) ++row;
            if (row == max_lines) continue;
            if (row == taken.size()) taken.emplace_back();
            taken[row].push_back(span);
            placed.push_back({&mark, row, is_left});
        }
        if (placed.empty()) return;
        out_ += "<div class=\"row labels\"><div class=\"name\"></div><svg role=\"img\" aria-label=\"marks\" height=\"" +
                std::to_string(line_px * taken.size() + 2) + "\">";
        for (const Placed& one : placed) {
            const std::string words = cut(one.mark->label, max_length);
            const int y = static_cast<int>(one.row) * line_px + 12;
            out_ += "<g><title>" + escaped(one.mark->label + ": " + one.mark->title) + "</title>";
            text(place_of(*one.mark), y, kind_of(one.mark->type), words, one.is_left ? "end" : "start",
                 one.is_left ? -5 : 5);
            out_ += "</g>";
            if (one.mark->type == Mark::Type::window)
                rect("span", one.mark->when, " y=\"" + std::to_string(y + 3) + "\"");
        }
        out_ += "</svg></div>\n";
    }

    // The scale leaves room for the greatest count and for what is allowed, so that both are always in it.
    void strip(const Strip& strip) {
        static constexpr double top = 30;  // below the label of the worst moment, and what is allowed
        static constexpr double bottom = 80;
        std::uint32_t most = std::max<std::uint32_t>(
            strip.reached, static_cast<std::uint32_t>(std::clamp<std::int64_t>(strip.allowed, 0, strip.members)));
        for (const Overlap& overlap : strip.overlaps) most = std::max(most, overlap.perhaps);
        const double unit = (bottom - top) / (most + 0.35);
        out_ += "<div class=\"row strip\" id=\"worst\"><div class=\"name\"><span>" + escaped(strip.counted) +
                (strip.scope.empty() ? "" : " " + escaped(strip.scope)) +
                "</span></div><svg role=\"img\" aria-label=\"" +
                escaped(strip.name + ": " + worst_words(strip) + ", at most " + std::to_string(strip.allowed) +
                        " allowed") +
                "\">";
        for (const Overlap& overlap : strip.overlaps) bar(overlap, bottom, unit);
        const double limit = bottom - unit * static_cast<double>(std::min<std::int64_t>(strip.allowed, most));
        out_ += "<line class=\"limit\" x1=\"0\" x2=\"" + percent(end_of_plan()) + "\" y1=\"" + decimal(limit) +
                "\" y2=\"" + decimal(limit) + "\"/>";
        text(0, static_cast<int>(limit) - 4, "", "at most " + std::to_string(strip.allowed), "start");
        if (strip.worst_at) line("worst", *strip.worst_at);
        worst_label(strip);
        out_ += "</svg></div>\n";
    }

    // Requirements are asked of the plan: a rollback may need all servers down to put a database back.
    [[nodiscard]] At end_of_plan() const {
        for (const Mark& mark : picture_.marks)
            if (mark.type == Mark::Type::rollback) return mark.when.from;
        return picture_.width;
    }

    // Not of a run, whose count is what was and no worst of anything.
    void worst_label(const Strip& strip) {
        if (picture_.is_of_run) return;
        // Where no moment of the picture shows it, it is said of all of it.
        const double at = strip.worst_at ? share(*strip.worst_at) : 0;
        const bool is_left = at > 50;
        const double room = (is_left ? at : 100 - at) / 100;
        const auto label = [&](const std::string& kind, const std::string& said) {
            const std::string all = "worst-label" + kind;
            if (!strip.worst_at) return text(picture_.width / 2, 13, all, said, "middle");
            text(*strip.worst_at, 13, all, said, is_left ? "end" : "start", is_left ? -7 : 7);
        };
        const std::string words = "worst moment: " + worst_words(strip);
        const auto shown = shown_in("", (px_of_bold_character * diag::columns(words) + 7) / room);
        if (shown) label(*shown, words);
        // The head of the page says all of it.
        if (!shown || !shown->empty())
            label(shown ? " narrow" : "",
                  "worst moment: " + std::to_string(strip.reached) + " of " + std::to_string(strip.members));
    }

    // What is surely counted stands at the bottom, what possibly is on top of it.
    void bar(const Overlap& overlap, double bottom, double unit) {
        const auto part = [&](std::string_view kind, double from, double to) {
            rect(kind, overlap.when, " y=\"" + decimal(bottom - to) + "\" height=\"" + decimal(to - from) + "\"");
        };
        if (overlap.surely > 0) part("c2", 0, overlap.surely * unit);
        if (overlap.perhaps > overlap.surely) part("c1", overlap.surely * unit, overlap.perhaps * unit);
    }

    static bool has_trouble(const Step& step) {
        return step.status == StepStatus::failed || step.status == StepStatus::in_doubt;
    }

    // A `details` element folds without a script; a group that is folded shows its lanes as one. One in which a step
    // failed is open, unless that would be more than a screen.
    void group(const Group& group) {
        static constexpr std::size_t screen = 24;
        const bool is_folded = group.shows == Group::Shows::overlap;
        const bool is_open = !is_folded || (group.lanes.size() <= screen &&
                                            std::any_of(group.lanes.begin(), group.lanes.end(), [](const Lane& lane) {
                                                return std::any_of(lane.steps.begin(), lane.steps.end(), has_trouble);
                                            }));
        out_ += std::string("<details") + (group.is_calm ? " class=\"calm\"" : "") + (is_open ? " open" : "") +
                "><summary class=\"row\"><div class=\"name\"><span>" + escaped(group.name) + "</span>";
        if (group.lanes.size() > 1) out_ += "<span class=\"count\">" + std::to_string(group.lanes.size()) + "</span>";
        out_ += "</div>";
        if (is_folded) overlap(group);
        out_ += "</summary>\n";
        for (const Lane& each : group.lanes) lane(each);
        out_ += "</details>\n";
    }

    // All lanes of a folded group as one: how many of its steps run, and how many of its objects are counted.
    void overlap(const Group& group) {
        static constexpr double bottom = 37;
        const std::string words = std::to_string(group.most) + " of " + std::to_string(group.lanes.size()) + " " +
                                  (group.is_counted ? group.counted : "at work") + " at most";
        out_ += "<svg class=\"overlap\" role=\"img\" aria-label=\"" + escaped(words) + "\">";
        for (const Overlap& each : group.busy) rect("busy", each.when);
        for (const Lane& lane : group.lanes)
            for (const Step& step : lane.steps)
                if (has_trouble(step)) rect("busy trouble", step.when);
        const double height = group.is_calm ? 10 : 26;
        const double unit = height / std::max<std::uint32_t>(group.most, 1);
        for (const Overlap& each : group.overlaps) bar(each, bottom, unit);
        if (group.is_calm && !group.overlaps.empty()) text(group.overlaps.front().when.from, 23, "", words, "start");
        out_ += "</svg>";
    }

    // Bands lie below the worst moment, and steps on top. What has no width is not drawn.
    void lane(const Lane& lane) {
        out_ += "<div class=\"row lane\"><div class=\"name\"><span>" + escaped(lane.name) +
                "</span></div><svg role=\"img\" aria-label=\"" + escaped(lane.title) + "\">";
        for (const Band& band : lane.bands)
            if (band.when.from < band.when.to) rect("b" + std::to_string(static_cast<int>(band.counted)), band.when);
        if (lane.worst && lane.worst->from < lane.worst->to) rect("x", *lane.worst);
        for (const Step& each : lane.steps) step(each);
        out_ += "</svg></div>\n";
    }

    // Its node is its id, by which the script finds what it waits for.
    void step(const Step& step) {
        if (step.latest > step.when.to) rect("w", {step.when.to, step.latest});
        std::string kind = "s";
        if (step.is_critical) kind += " k";
        if (step.type == Step::Type::approval) kind += " a";
        if (step.type == Step::Type::undo) kind += " u";
        if (step.is_conditional) kind += " g";
        if (step.cannot_be_undone) kind += " n";
        if (step.shows_violation) kind += " v";
        if (picture_.is_of_run) kind += " f" + std::to_string(static_cast<int>(step.status));
        out_ += "<rect id=\"s" + std::to_string(step.node) + "\" class=\"" + kind + "\" x=\"" +
                percent(step.when.from) + "\" width=\"" + percent(step.when.to - step.when.from) + "\"><title>" +
                escaped(step.title) + status_words(step) + "</title></rect>";
        sign(step);
    }

    [[nodiscard]] std::string status_words(const Step& step) const {
        if (!picture_.is_of_run) return "";
        return "; " + std::string(words_of(step.status)) + (step.note.empty() ? "" : ": " + escaped(step.note));
    }

    // What became of it as a sign that needs no colour; else its name, where there is room.
    void sign(const Step& step) {
        const At middle = (step.when.from + step.when.to) / 2;
        if (picture_.is_of_run) {
            static constexpr std::array signs = {"", "", "…", "✕", "?", "", "↶"};
            const std::string_view shown = signs[static_cast<std::size_t>(step.status)];
            if (!shown.empty() && (step.status != StepStatus::rolled_back || steps_ < many_steps))
                text(middle, 16, "sign sign-" + std::to_string(static_cast<int>(step.status)), std::string(shown),
                     "start");
            return;
        }
        const Stretch free = free_part(step.when);
        const double part = share(free.to - free.from) / 100;
        if (steps_ >= many_steps || part <= 0) return;
        if (const auto shown = shown_in("l", (px_of_character * diag::columns(step.label) + 6) / part))
            text((free.from + free.to) / 2, 16, *shown, step.label, "middle");
    }

    const Picture& picture_;
    double narrowest_;  // px
    std::size_t steps_ = 0;
    std::vector<At> lines_;  // over the full height, ascending
    std::string out_;
};

}  // namespace

// At most four by name; the schedule of the verdict has all of them.
std::string worst_words(const Strip& strip) {
    static constexpr std::size_t max_named = 4;
    std::string words = std::to_string(strip.reached) + " of " + std::to_string(strip.members) + " " + strip.counted +
                        (strip.scope.empty() ? "" : " " + strip.scope);
    if (strip.reached > 1) words += " at once";
    return strip.worst.empty() ? words : words + " (" + base::some_of(strip.worst, max_named) + ")";
}

// In the order of StepStatus.
std::string_view words_of(StepStatus status) {
    static constexpr std::array<std::string_view, 7> words = {"not begun", "done",    "running",    "failed",
                                                              "in doubt",  "skipped", "rolled back"};
    return words[static_cast<std::size_t>(status)];
}

std::string chart_width(const Picture& picture) { return "w" + std::to_string(width_of(picture)); }

std::string chart_of(const Picture& picture) { return Chart(picture).html(); }

}  // namespace pvsplan::picture
