// The three ways to watch a run. All write through a function, so that a test sees what a terminal would.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/event.hpp"
#include "runtime/report/progress.hpp"

namespace pvsplan::report {

using Write = std::function<void(std::string_view)>;

// A line an event, for logs and pipes; a heartbeat says what has been running for longest, and its last line.
// `usual`: milliseconds by path, from the journals of earlier runs. Observers are called by the thread of the run, one
// event after another.
std::unique_ptr<engine::Observer> make_lines(Write write, std::map<std::string, std::int64_t> usual);

// A JSON object a line.
std::unique_ptr<engine::Observer> make_json(Write write);

struct LiveOptions {
    std::function<std::uint32_t()> columns;  // of the terminal now
    std::function<std::uint32_t()> rows;
    enum class Colour : std::uint8_t { never, always } colour = Colour::always;
    std::map<std::string, std::int64_t> usual = {};  // milliseconds by path, from the journals of earlier runs
    std::string hint = {};  // what a person who is waited for can do here: "press y to say yes"
};
// What runs, since when, what is next and what is left, drawn over itself at the bottom of a terminal; what has
// happened scrolls up above it. An event at least every second keeps the clock going. Its block is gone when it goes.
std::unique_ptr<engine::Observer> make_live(Write write, LiveOptions options);

// The block at the bottom, without escapes but for colour; at most `rows` lines of `columns`.
std::vector<std::string> frame(const Progress& progress, ports::Millis now, std::uint32_t columns, std::uint32_t rows,
                               const LiveOptions& options);

}  // namespace pvsplan::report
