#include "runtime/report/lines.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "compiler/base/counted.hpp"
#include "compiler/diag/display.hpp"

namespace pvsplan::report {
namespace {

using EventType = engine::Event::Type;

std::string on(const engine::Event& event) {
    return event.object.empty() ? event.node : event.node + " (" + event.object + ")";
}

std::string because(const std::string& text) { return text.empty() ? "" : ": " + text; }

// `retry_in_ms` below 0: it is not tried again. An exit status that the text has is not said twice.
std::string failed_text(const engine::Event& event) {
    std::string line = event.node + because(event.text);
    const bool is_said = event.text.find("exit status") != std::string::npos;
    if (event.exit_status != 0 && !is_said) line += fmt::format(" (exit status {})", event.exit_status);
    if (event.retry_in_ms == 0) line += "; tried again at once";
    if (event.retry_in_ms > 0) line += "; tried again in " + duration_text(event.retry_in_ms);
    if (event.retry_in_ms >= 0 && event.max_tries > 0)
        line += ", " + attempt_text(event.attempt + 1, event.tries + 1, event.max_tries);
    return line;
}

std::string attempt_of(const engine::Event& event) { return attempt_text(event.attempt, event.tries, event.max_tries); }

std::string values_text(const engine::Event& event) {
    std::string line = event.object + ":";
    for (const auto& [name, value] : event.values) line += " " + name + "=" + value;
    return line;
}

std::string said_of(const engine::Event& event) { return event.simulated.empty() ? "" : "; " + event.simulated; }

struct Line {
    std::string_view word;
    std::string text;
};

// Nothing for what only a live view shows. Six characters at most, so that texts stand in one column; what needs a
// person is in capitals.
Line words(const engine::Event& event) {
    switch (event.type) {
        case EventType::run_began:
            return {"run", fmt::format("{} begins at {}, {}{}", event.run, local_date_time(event.at),
                                       base::counted(event.left, "step"), said_of(event))};
        case EventType::run_resumed:
            return {"run", fmt::format("{} goes on at {}: {} over, {} left{}", event.run, local_date_time(event.at),
                                       event.over == 1 ? "1 step is" : fmt::format("{} steps are", event.over),
                                       event.left, said_of(event))};
        case EventType::rollback_began: return {"back", "rollback begins" + because(event.text)};
        case EventType::step_started: return {"start", on(event) + (event.attempt > 1 ? ", " + attempt_of(event) : "")};
        case EventType::step_unreachable: return {"lost", event.node + " is out of reach" + because(event.text)};
        case EventType::step_reachable: return {"found", event.node + " is reached again"};
        case EventType::step_finished: return {"done", event.node + ", " + duration_text(event.duration_ms)};
        case EventType::step_failed: return {event.retry_in_ms >= 0 ? "retry" : "FAILED", failed_text(event)};
        case EventType::step_unreached:
            return {"FAILED", event.node + " was not reached, nothing was done" + because(event.text)};
        case EventType::step_in_doubt: return {"DOUBT", event.node + because(event.text)};
        case EventType::step_skipped: return {"skip", event.node + because(event.text)};
        case EventType::step_reconciled: return {"looked", event.node + because(event.text)};
        case EventType::guard_decided: return {"when", event.node + because(event.text)};
        case EventType::approval_wanted: return {"WAITS", event.node + " wants approval" + because(event.text)};
        case EventType::approval_given: return {"yes", event.node + " was approved by " + event.text};
        case EventType::person_wanted: return {"WAITS", event.node + " is done by a person" + because(event.text)};
        case EventType::point_of_no_return: return {"stays", event.node + " cannot be undone" + because(event.text)};
        case EventType::observed: return {"seen", values_text(event)};
        case EventType::stopping: return {"stop", "nothing new starts" + because(event.text)};
        case EventType::heartbeat:
            return {"...", fmt::format("{} running, {} over, {} left", event.running, event.over, event.left)};
        case EventType::run_ended: return {"end", event.text};
        case EventType::note: return {"note", event.text};
        case EventType::window_closed:
            return {"WAITS", event.node + " waits for its window, which " + event.text +
                                 (event.opens_in_ms >= 0 ? " (in " + duration_text(event.opens_in_ms) + ")" : "")};
        case EventType::window_opened: return {"open", "the window of " + event.node + " is open"};
        case EventType::step_output:
        case EventType::step_checking: return {};
    }
    return {};
}

}  // namespace

// Where an operator has let a step run again, tries are fewer than attempts: both are told.
std::string attempt_text(std::uint32_t attempt, std::uint32_t tries, std::uint32_t max_tries) {
    if (max_tries <= 1 && attempt <= 1) return "";
    if (max_tries <= 1) return fmt::format("attempt {}", attempt);
    if (tries == attempt) return fmt::format("attempt {} of {}", attempt, max_tries);
    return fmt::format("attempt {} ({} of {})", attempt, tries, max_tries);
}

// Texts of a host are in it as they came: whoever prints it takes care of the terminal.
std::string line_of(const engine::Event& event, const std::string& time) {
    const Line line = words(event);
    if (line.word.empty()) return "";
    return fmt::format("{}  {:<6}  {}", time, line.word, line.text);
}

// `running`, `over` and `left` are always there, so that a program can draw progress from any single line.
std::string json_of(const engine::Event& event) {
    nlohmann::ordered_json json = {
        {"format", event_format}, {"event", engine::name_of(event.type)}, {"at", utc_time(event.at)}};
    const auto text = [&](const char* name, const std::string& value) {
        if (!value.empty()) json[name] = value;
    };
    text("run", event.run);
    text("step", event.node);
    text("object", event.object);
    text("text", event.text);
    if (event.attempt != 0) json["attempt"] = event.attempt;
    if (event.attempt != 0 && event.max_tries > 1) {
        json["tries"] = event.tries;
        json["max_tries"] = event.max_tries;
    }
    if (event.type == EventType::step_finished || event.type == EventType::step_failed)
        json["exit_status"] = event.exit_status;
    if (event.type == EventType::step_finished) json["duration_ms"] = event.duration_ms;
    if (event.retry_in_ms >= 0) json["retry_in_ms"] = event.retry_in_ms;
    if (event.opens_in_ms >= 0) json["opens_in_ms"] = event.opens_in_ms;
    json["running"] = event.running;
    json["over"] = event.over;
    json["left"] = event.left;
    text("simulated", event.simulated);
    if (!event.values.empty()) json["values"] = event.values;
    if (!event.place.file.empty()) json["source"] = {{"file", event.place.file}, {"line", event.place.line}};
    return diag::printed_json(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace pvsplan::report
