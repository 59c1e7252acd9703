// The state of a run, folded from its events: all that a view needs to draw one frame.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/engine/event.hpp"

namespace pvsplan::report {

// A step that is under way; `since` on the steady clock.
struct Running {
    ports::Millis since = 0;
    std::uint32_t attempt = 1;
    std::uint32_t tries = 1;
    std::uint32_t max_tries = 1;
    std::string object;
    std::string note;  // "checking", "unreachable: …", or the last line that it printed
};

// What only time brings, on the steady clock.
struct Expected {
    ports::Millis at = -1;  // -1: nobody knows
    std::string text;       // "attempt 2 of 3"; "opens Fri 2026-11-27 22:00 CET"
};

// A plain value: the same events give the same.
struct Progress {
    std::string run;
    ports::Millis began_at = 0;
    bool is_rolling_back = false;               // steps are those of the rollback from here on
    std::string simulated;                      // what of the farm is; empty: nothing
    std::map<std::string, Running> running;     // by path
    std::map<std::string, std::string> wanted;  // approvals and manual steps: path -> what to look at or to do
    std::map<std::string, Expected> retries;    // steps that failed and are tried again
    std::map<std::string, Expected> windows;    // for each window that is waited for, the first step in it
    std::uint64_t over = 0;                     // steps; with `left` all of the program
    std::uint64_t left = 0;
    std::string stopping;  // why nothing new starts
    // The graph of the program that runs now (plan or rollback); null before it begins.
    const program::Graph* nodes = nullptr;
    std::set<std::string> reconciled;           // finished, skipped or failed
    std::map<std::string, std::int64_t> usual;  // how long steps took in earlier runs, in milliseconds by path

    // In the order in which the engine tells them.
    void see(const engine::Event& event);
    // The step that has been running for longest; null if none runs.
    [[nodiscard]] const std::pair<const std::string, Running>* oldest() const;
    // Up to `max` steps that wait for nothing but what is running or was said to come before them.
    [[nodiscard]] std::vector<std::string> next(std::size_t max) const;
    // How long the longest chain of what is left usually takes, people not counted; nothing without a history of most
    // of it.
    [[nodiscard]] std::optional<std::int64_t> expected_left_ms(ports::Millis now) const;
};

}  // namespace pvsplan::report
