#include "runtime/report/views.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "compiler/diag/display.hpp"
#include "runtime/report/lines.hpp"

namespace pvsplan::report {
namespace {

using EventType = engine::Event::Type;
using Colour = LiveOptions::Colour;

// Nothing in it moves a cursor: it may go into a file.
class Lines final : public engine::Observer {
  public:
    Lines(Write write, std::map<std::string, std::int64_t> usual) : write_(std::move(write)) {
        progress_.usual = std::move(usual);
    }
    // A line for each event, for a log.
    void on(const engine::Event& event) override {
        progress_.see(event);
        std::string line = line_of(event, local_time(event.at));
        if (event.type == EventType::heartbeat) line += longest(event.steady);
        if (!line.empty()) write_(diag::harmless(line) + "\n");
    }

  private:
    // "; rest[pvs02].install for 12 m 3 s, usually 15 m 0 s: copying files"
    [[nodiscard]] std::string longest(ports::Millis now) const {
        const auto* oldest = progress_.oldest();
        if (oldest == nullptr) return "";
        const auto& [path, state] = *oldest;
        std::string text = "; " + path + " for " + duration_text(std::max<std::int64_t>(now - state.since, 0));
        if (const auto usual = progress_.usual.find(path); usual != progress_.usual.end())
            text += ", usually " + duration_text(usual->second);
        return text + (state.note.empty() ? "" : ": " + state.note);
    }

    Write write_;
    Progress progress_;
};

class Json final : public engine::Observer {
  public:
    explicit Json(Write write) : write_(std::move(write)) {}
    void on(const engine::Event& event) override { write_(json_of(event) + "\n"); }

  private:
    Write write_;
};

std::string coloured(std::string text, std::string_view escape, Colour colour) {
    if (colour == Colour::never) return text;
    return std::string(escape) + text + "\x1b[0m";
}

// Cut to `columns`; what is cut off is marked. Counted in columns of the terminal, so that a wide character is never
// half.
std::string cut(const std::string& text, std::uint32_t columns) {
    if (diag::columns(text) <= columns) return diag::harmless(text);
    std::string result;
    std::uint32_t used = 0;
    for (const diag::Cell& cell : diag::cells(text)) {
        if (used + cell.columns + 3 > columns) break;
        used += cell.columns;
        result += cell.text;
    }
    return result + "...";
}

// Red for what went wrong, yellow for what waits, green for what is done; all else has no colour.
std::string_view escape_of(EventType type) {
    switch (type) {
        case EventType::step_failed:
        case EventType::step_in_doubt:
        case EventType::step_unreached:
        case EventType::point_of_no_return: return "\x1b[1;31m";
        case EventType::approval_wanted:
        case EventType::person_wanted:
        case EventType::window_closed:
        case EventType::step_unreachable:
        case EventType::stopping:
        case EventType::rollback_began: return "\x1b[33m";
        case EventType::step_finished:
        case EventType::approval_given: return "\x1b[32m";
        default: return "";
    }
}

// Each event erases the block, adds to what has happened, and draws the block anew, in one write: a terminal shows no
// half of it.
class Live final : public engine::Observer {
  public:
    Live(Write write, LiveOptions options) : write_(std::move(write)), options_(std::move(options)) {
        progress_.usual = options_.usual;
    }
    ~Live() override { write_(erase()); }

    void on(const engine::Event& event) override {
        progress_.see(event);
        std::string out = erase();
        if (event.type != EventType::heartbeat && event.type != EventType::step_started) {
            const std::string line = line_of(event, local_time(event.at));
            if (!line.empty()) out += history(line, event.type);
        }
        if (event.type != EventType::run_ended) out += draw(event.steady);
        write_(out);
    }

  private:
    // Wrapped with the time and the word before it; at least 40 columns are taken for granted.
    std::string history(const std::string& line, EventType is) const {
        static constexpr std::size_t head = 18;  // "09:03:14  start   "
        const std::string_view escape = escape_of(is);
        const std::uint32_t columns = std::max<std::uint32_t>(options_.columns(), 40);
        std::string out;
        for (const std::string& part : diag::wrapped(line.substr(head), columns - head)) {
            const std::string whole = (out.empty() ? line.substr(0, head) : std::string(head, ' ')) + part;
            out += (escape.empty() ? whole : coloured(whole, escape, options_.colour)) + "\n";
        }
        return out;
    }
    // Up to the first line of the block, and everything from there on gone. By the number of lines that were drawn,
    // each of which is no wider than the terminal was then.
    std::string erase() {
        if (drawn_ == 0) return "";
        const std::string out = fmt::format("\x1b[{}F\x1b[J", drawn_);
        drawn_ = 0;
        return out;
    }
    // At most half of the terminal, so that what has happened can be seen.
    std::string draw(ports::Millis now) {
        const std::uint32_t rows = std::max<std::uint32_t>(options_.rows(), 8);
        std::string out;
        for (const std::string& line : frame(progress_, now, options_.columns(), rows / 2, options_)) {
            out += line + "\n";
            ++drawn_;
        }
        return out;
    }

    Write write_;
    LiveOptions options_;
    Progress progress_;
    std::size_t drawn_ = 0;
};

// "[=====>     ]" of that many columns.
std::string bar(std::uint64_t over, std::uint64_t total, std::uint32_t columns) {
    const auto filled = static_cast<std::size_t>(total == 0 ? 0 : over * columns / total);
    return "[" + std::string(filled, '=') + std::string(columns - filled, ' ') + "]";
}

// "in 3 h 12 m"
std::string left_text(ports::Millis at, ports::Millis now) {
    return at < 0 ? "?" : "in " + duration_text((std::max<ports::Millis>(at - now, 0) + 999) / 1000 * 1000);
}

}  // namespace

std::unique_ptr<engine::Observer> make_lines(Write write, std::map<std::string, std::int64_t> usual) {
    return std::make_unique<Lines>(std::move(write), std::move(usual));
}
std::unique_ptr<engine::Observer> make_json(Write write) { return std::make_unique<Json>(std::move(write)); }
std::unique_ptr<engine::Observer> make_live(Write write, LiveOptions options) {
    return std::make_unique<Live>(std::move(write), std::move(options));
}

// What runs longest stands first, for it is what one waits for. Lines about people and windows have room as long as
// there is any; the last line says what comes.
std::vector<std::string> frame(const Progress& progress, ports::Millis now, std::uint32_t columns, std::uint32_t rows,
                               const LiveOptions& options) {
    const Colour colour = options.colour;
    std::vector<std::string> lines;
    const std::uint64_t total = progress.over + progress.left + progress.running.size();
    std::string head = fmt::format("{} {} of {} steps, {}", bar(progress.over, total, 20), progress.over, total,
                                   duration_text(std::max<std::int64_t>(now - progress.began_at, 0)));
    if (progress.is_rolling_back) head = "rollback " + head;
    // The chain through a very large plan is not looked for in every frame.
    static constexpr std::size_t max_nodes = 20'000;
    if (progress.nodes && progress.nodes->nodes.size() <= max_nodes) {
        const std::optional<std::int64_t> left = progress.expected_left_ms(now);
        head += left ? ", usually " + duration_text(*left) + " more" : ", no history yet";
    }
    lines.push_back(coloured(cut(head, columns), "\x1b[1m", colour));
    if (!progress.simulated.empty())
        lines.push_back(coloured(cut("  " + progress.simulated, columns), "\x1b[33m", colour));
    if (!progress.stopping.empty())
        lines.push_back(coloured(cut("  nothing new starts: " + progress.stopping, columns), "\x1b[33m", colour));
    std::vector<std::pair<std::string, Running>> running(progress.running.begin(), progress.running.end());
    std::stable_sort(running.begin(), running.end(),
                     [](const auto& a, const auto& b) { return a.second.since < b.second.since; });
    const std::size_t around = progress.simulated.empty() ? 4 : 5;  // lines that are not of what runs
    const std::size_t room = rows > around + 1 ? rows - around : 1;
    for (std::size_t i = 0; i < running.size(); ++i) {
        if (i + 1 == room && running.size() > room) {
            lines.push_back(fmt::format("  and {} more", running.size() - i));
            break;
        }
        const auto& [path, state] = running[i];
        std::string line =
            fmt::format("  {:>9}  {}", duration_text(std::max<std::int64_t>(now - state.since, 0)), path);
        if (state.attempt > 1) line += " (" + attempt_text(state.attempt, state.tries, state.max_tries) + ")";
        if (const auto usual = progress.usual.find(path); usual != progress.usual.end())
            line += ", usually " + duration_text(usual->second);
        if (!state.note.empty()) line += "  " + state.note;
        lines.push_back(cut(line, columns));
    }
    const auto add = [&](const std::string& line, std::string_view escape) {
        if (lines.size() + 1 >= rows) return;
        lines.push_back(escape.empty() ? cut(line, columns) : coloured(cut(line, columns), escape, colour));
    };
    for (const auto& [path, expected] : progress.retries)
        add(fmt::format("  {:>9}  {} is tried again then, {}", left_text(expected.at, now), path, expected.text), "");
    for (const auto& [path, expected] : progress.windows)
        add(fmt::format("  {:>9}  {} waits for its window, which {}", left_text(expected.at, now), path, expected.text),
            "\x1b[33m");
    for (const auto& [path, text] : progress.wanted) {
        std::string line = "  waits for a person: " + path;
        if (path == progress.wanted.begin()->first && !options.hint.empty()) line += " (" + options.hint + ")";
        add(line, "\x1b[33m");
        if (!text.empty()) add("    " + text, "");
    }
    std::string next;
    for (const std::string& path : progress.next(3)) next += (next.empty() ? "  next: " : ", ") + path;
    if (!next.empty()) lines.push_back(cut(next, columns));
    return lines;
}

}  // namespace pvsplan::report
