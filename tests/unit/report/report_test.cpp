#include <catch2/catch.hpp>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "compiler/diag/display.hpp"
#include "runtime/report/lines.hpp"
#include "runtime/report/views.hpp"

namespace pvsplan::report {
namespace {

using engine::Event;
using EventType = Event::Type;

program::Graph graph_of(std::initializer_list<const char*> paths) {
    program::Graph graph;
    for (const char* path : paths) graph.nodes.push_back({.id = path});
    return graph;
}

// Without the escapes of colour.
std::string plain(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b') {
            i = text.find('m', i);
            continue;
        }
        result += text[i];
    }
    return result;
}

}  // namespace

TEST_CASE("every event that belongs in a log is one line") {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    const auto line = [](const Event& event) { return line_of(event, "09:00:00"); };
    CHECK(line({.type = EventType::step_started, .node = "rest[pvs02].stop", .object = "server/pvs02", .attempt = 1}) ==
          "09:00:00  start   rest[pvs02].stop (server/pvs02)");
    CHECK(line({.type = EventType::step_started, .node = "a", .attempt = 2}) == "09:00:00  start   a, attempt 2");
    CHECK(line({.type = EventType::step_finished, .node = "a", .duration_ms = 61'000}) ==
          "09:00:00  done    a, 1 m 1 s");
    CHECK(line({.type = EventType::step_failed, .node = "a", .text = "no", .exit_status = 1603}) ==
          "09:00:00  FAILED  a: no (exit status 1603)");
    CHECK(line({.type = EventType::step_failed, .node = "a", .exit_status = 1, .retry_in_ms = 30'000}) ==
          "09:00:00  retry   a (exit status 1); tried again in 30 s");
    CHECK(line({.type = EventType::step_output, .node = "a", .text = "x"}).empty());
    CHECK(line({.type = EventType::step_started, .node = "a", .attempt = 2, .tries = 2, .max_tries = 3}) ==
          "09:00:00  start   a, attempt 2 of 3");
    // An operator has let it run again.
    CHECK(line({.type = EventType::step_started, .node = "a", .attempt = 5, .tries = 2, .max_tries = 3}) ==
          "09:00:00  start   a, attempt 5 (2 of 3)");
    CHECK(line({.type = EventType::step_failed,
                .node = "a",
                .attempt = 1,
                .exit_status = 1,
                .retry_in_ms = 30'000,
                .tries = 1,
                .max_tries = 3}) == "09:00:00  retry   a (exit status 1); tried again in 30 s, attempt 2 of 3");
    CHECK(line({.type = EventType::window_closed, .node = "a", .text = "opens at ten", .opens_in_ms = 7'200'000}) ==
          "09:00:00  WAITS   a waits for its window, which opens at ten (in 2 h 0 m)");
    for (int is = 0; is <= static_cast<int>(EventType::window_opened); ++is)
        CHECK(line({.type = static_cast<EventType>(is), .node = "a", .text = "t"}).find('\n') == std::string::npos);
}

TEST_CASE("for programs an event is one JSON object") {
    const std::string json = json_of({.type = EventType::step_finished,
                                      .at = 1'764'000'000'123,
                                      .node = "a",
                                      .text = "\xff\n",
                                      .attempt = 1,
                                      .duration_ms = 5});
    CHECK_THAT(json,
               Catch::StartsWith(
                   "{\"format\":\"pvsplan.event/1\",\"event\":\"step_finished\",\"at\":\"2025-11-24T16:00:00.123Z\""));
    CHECK_THAT(json, Catch::Contains("\"duration_ms\":5"));
    CHECK(json.find('\n') == std::string::npos);
}

TEST_CASE("the schema of events names every member of one, in its order") {
    const Event full{.type = EventType::step_finished,
                     .at = 1,
                     .run = "r",
                     .node = "a",
                     .object = "server/a",
                     .text = "t",
                     .attempt = 1,
                     .retry_in_ms = 1,
                     .opens_in_ms = 1,
                     .max_tries = 2,
                     .values = {{"file", "1"}},
                     .simulated = "s",
                     .place = {.file = "p.plan.yaml", .line = 1}};
    std::ifstream in(PVSPLAN_SOURCE_DIR "/runtime/cli/formats/event-1.json");
    const auto schema = nlohmann::ordered_json::parse(in);
    auto named = schema.at("properties").begin();
    const auto json = nlohmann::ordered_json::parse(json_of(full));
    for (const auto& member : json.items()) {
        REQUIRE(named != schema.at("properties").end());
        CHECK(member.key() == named.key());
        ++named;
    }
    CHECK(named.key() == "outcome");  // of the last line, which says how it ended
}

TEST_CASE("durations are short") {
    CHECK(duration_text(0) == "0 ms");
    CHECK(duration_text(999) == "999 ms");
    CHECK(duration_text(59'999) == "59 s");
    CHECK(duration_text(3'600'000) == "1 h 0 m");
}

TEST_CASE("progress is the fold of the events") {
    const program::Graph graph = graph_of({"a", "b", "c", "d"});
    Progress progress;
    progress.see({.type = EventType::run_began, .steady = 1000, .run = "r", .left = 4, .nodes = &graph});
    CHECK(progress.next(2) == std::vector<std::string>{"a", "b"});
    progress.see({.type = EventType::step_started, .steady = 1000, .node = "a", .attempt = 1, .running = 1, .left = 3});
    progress.see({.type = EventType::step_unreachable, .steady = 1500, .node = "a", .text = "no route"});
    CHECK(progress.running.at("a").note == "unreachable: no route");
    progress.see({.type = EventType::step_finished, .steady = 2000, .node = "a", .over = 1, .left = 3});
    progress.see(
        {.type = EventType::approval_wanted, .steady = 2000, .node = "b", .text = "look", .over = 1, .left = 3});
    CHECK(progress.running.empty());
    CHECK(progress.wanted.at("b") == "look");
    CHECK(progress.next(5) == std::vector<std::string>{"c", "d"});
    progress.see({.type = EventType::stopping, .text = "Ctrl-C"});
    CHECK(progress.next(5).empty());
    progress.see({.type = EventType::rollback_began, .steady = 3000, .text = "a failed", .nodes = &graph});
    CHECK(progress.is_rolling_back);
    CHECK(progress.wanted.empty());
}

TEST_CASE("the remaining time is that of the longest chain, from earlier runs") {
    program::Graph graph = graph_of({"a", "b", "c", "d"});  // a before b; c and d concurrent with both
    graph.edges.push_back({.from = program::NodeId(0), .to = program::NodeId(1)});
    Progress progress;
    progress.see({.type = EventType::run_began, .steady = 0, .nodes = &graph});
    CHECK_FALSE(progress.expected_left_ms(0));
    progress.usual = {{"a", 1000}, {"b", 2000}, {"c", 2500}};
    CHECK(progress.expected_left_ms(0) == 3000);
    progress.see({.type = EventType::step_started, .steady = 0, .node = "a", .attempt = 1});
    CHECK(progress.expected_left_ms(400) == 2600);
    CHECK(progress.expected_left_ms(5000) == 2500);
    progress.see({.type = EventType::step_finished, .steady = 900, .node = "a"});
    CHECK(progress.expected_left_ms(900) == 2500);
}

TEST_CASE("a frame counts down to retries and windows, and says what a person is to do") {
    const program::Graph graph = graph_of({"a", "b", "c", "d"});
    Progress progress;
    progress.see({.type = EventType::run_began, .steady = 0, .left = 4, .nodes = &graph});
    progress.see({.type = EventType::step_started, .steady = 0, .node = "a", .attempt = 1, .tries = 1, .max_tries = 3});
    progress.see({.type = EventType::step_failed,
                  .steady = 1000,
                  .node = "a",
                  .attempt = 1,
                  .retry_in_ms = 30'000,
                  .tries = 1,
                  .max_tries = 3});
    progress.see({.type = EventType::window_closed,
                  .steady = 1000,
                  .node = "b",
                  .text = "opens Fri 2026-11-27 22:00 CET",
                  .opens_in_ms = 7'260'000});
    progress.see({.type = EventType::person_wanted, .steady = 1000, .node = "c", .text = "Unplug the old disk."});
    const LiveOptions options{.colour = LiveOptions::Colour::never, .hint = "press y to say yes"};
    const std::vector<std::string> lines = frame(progress, 11'000, 80, 20, options);
    const std::vector<std::string> expected = {
        "    in 20 s  a is tried again then, attempt 2 of 3",
        "  in 2 h 0 m  b waits for its window, which opens Fri 2026-11-27 22:00 CET",
        "  waits for a person: c (press y to say yes)", "    Unplug the old disk.", "  next: d"};
    CHECK(std::vector<std::string>(lines.begin() + 1, lines.end()) == expected);
    progress.see(
        {.type = EventType::step_started, .steady = 31'000, .node = "a", .attempt = 2, .tries = 2, .max_tries = 3});
    progress.see({.type = EventType::window_opened, .steady = 7'261'000, .node = "b"});
    const std::vector<std::string> later = frame(progress, 7'261'000, 80, 20, options);
    CHECK(later[1] == "    2 h 0 m  a (attempt 2 of 3)");
    CHECK(later[2] == "  waits for a person: c (press y to say yes)");
}

TEST_CASE("a frame never grows beyond the terminal") {
    const program::Graph graph = graph_of({"next-one"});
    Progress progress;
    progress.see({.type = EventType::run_began, .steady = 0, .nodes = &graph});
    for (int i = 0; i < 100; ++i)
        progress.see({.type = EventType::step_started,
                      .steady = i,
                      .node = "rest[server-with-a-very-long-name-" + std::to_string(i) + "].install-everything",
                      .attempt = 1,
                      .running = 100,
                      .left = 1});
    progress.see(
        {.type = EventType::step_output, .node = progress.running.begin()->first, .text = std::string(300, 'x')});
    for (const std::uint32_t columns : {40U, 80U, 200U})
        for (const std::uint32_t rows : {4U, 12U, 50U}) {
            const std::vector<std::string> lines = frame(progress, 5000, columns, rows, {});
            CHECK(lines.size() <= rows);
            for (const std::string& line : lines) CHECK(diag::columns(plain(line)) <= columns);
        }
}

TEST_CASE("a live view draws over itself and leaves the history") {
    const program::Graph graph = graph_of({"a"});
    std::string out;
    {
        const auto live = make_live([&](std::string_view text) { out += text; }, {.columns = [] { return 80U; },
                                                                                  .rows = [] { return 24U; },
                                                                                  .colour = LiveOptions::Colour::never,
                                                                                  .hint = ""});
        live->on({.type = EventType::run_began, .steady = 0, .run = "r", .left = 1, .nodes = &graph});
        live->on({.type = EventType::step_started, .steady = 0, .node = "a", .attempt = 1, .running = 1});
        out.clear();
        live->on({.type = EventType::step_finished, .steady = 2000, .node = "a", .duration_ms = 2000, .over = 1});
        CHECK_THAT(out, Catch::StartsWith("\x1b[2F\x1b[J"));  // a bar and one running step were drawn
        CHECK_THAT(out, Catch::Contains("done    a, 2 s\n"));
        live->on({.type = EventType::run_ended, .steady = 2000, .text = "all is done", .over = 1});
    }
    CHECK_THAT(out, Catch::EndsWith("end     all is done\n"));
}

TEST_CASE(
    "without a terminal a line says now and then that all is well, and of what runs longest how long it usually "
    "takes") {
    std::string text;
    const auto lines = make_lines([&](std::string_view more) { text += more; }, {{"a", 60'000}});
    const program::Graph graph = graph_of({"a", "b"});
    lines->on({.type = EventType::run_began, .steady = 1000, .nodes = &graph});
    lines->on({.type = EventType::step_started, .steady = 1000, .node = "a", .attempt = 1});
    lines->on({.type = EventType::step_started, .steady = 2000, .node = "b", .attempt = 1});
    lines->on({.type = EventType::step_output, .steady = 3000, .node = "a", .text = "copying files"});
    text.clear();
    lines->on({.type = EventType::heartbeat, .steady = 31'000, .running = 2});
    CHECK_THAT(text, Catch::EndsWith("2 running, 0 over, 0 left; a for 30 s, usually 1 m 0 s: copying files\n"));
}

TEST_CASE("a step that was over before the resume is neither next nor remaining") {
    Progress progress;
    progress.usual = {{"a", 60'000}, {"b", 5'000}};
    program::Graph graph = graph_of({"a", "b"});
    graph.edges.push_back({.from = program::NodeId(0), .to = program::NodeId(1)});
    progress.see({.type = EventType::run_resumed,
                  .steady = 1000,
                  .over = 1,
                  .left = 1,
                  .over_before = {program::NodeId(0)},
                  .nodes = &graph});
    CHECK(progress.next(3) == std::vector<std::string>{"b"});
    CHECK(progress.expected_left_ms(1000) == 5'000);
}

}  // namespace pvsplan::report
