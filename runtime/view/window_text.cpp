#include "runtime/view/window_text.hpp"

#include "compiler/base/counted.hpp"
#include "runtime/view/plan_order.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::view {

using program::Node;
using program::Plan;
using program::WindowId;

namespace {

bool is_within(const Plan& plan, WindowId window, WindowId around) {
    while (window && window != around) window = plan.windows[window.index()].parent;
    return window == around;
}

// How many openings a chain needs at least: a step starts only before the end of one. At least: a window may also end
// between two steps, and what runs on beyond its end takes none of the next.
std::uint64_t openings_of(const std::vector<std::int64_t>& durations, std::int64_t length) {
    std::uint64_t count = 1;
    std::int64_t gone = 0;
    for (const std::int64_t duration : durations) {
        if (duration > 0 && gone >= length) {
            ++count;
            gone = 0;
        }
        gone += duration;
    }
    return count;
}

// Whether a chain of steps that take that long fits into a window that is open for so long. Nothing is promised: how
// long steps take is expected and not known.
std::string fit_text(const std::vector<std::int64_t>& durations, std::int64_t length, std::uint64_t unknown) {
    const std::string has = "it has " + duration_for_people(length);
    std::int64_t sum = 0;
    for (const std::int64_t duration : durations) sum += duration;
    if (sum == 0) return "nobody knows how long that takes, " + has;
    std::string text = "takes about " + duration_for_people(sum) +
                       (unknown > 0 ? ", without " + base::counted(unknown, "step") + " of which nobody knows" : "") +
                       ", " + has;
    const std::uint64_t needed = openings_of(durations, length);
    if (needed > 1) return text + ": that does not fit into one, it needs at least " + base::counted(needed, "window");
    return sum > length ? text + ": what starts last ends after it has closed" : text;
}

}  // namespace

std::string starts_text(const Plan& plan, WindowId id) {
    std::string text;
    for (WindowId at = id; at; at = plan.windows[at.index()].parent)
        text += (text.empty() ? "starts only from " : "; of that from ") + program::text_of(plan.windows[at.index()]);
    return text;
}

// By the longest chain of the steps in it alone: what lies between them may wait outside.
std::vector<std::string> window_lines(const Plan& plan, const std::function<std::int64_t(std::uint32_t)>& estimate) {
    std::vector<std::string> lines;
    const std::vector<Node>& nodes = plan.graph.nodes;
    for (std::size_t w = 0; w < plan.windows.size(); ++w) {
        const WindowId window(w);
        std::uint64_t steps = 0;
        std::uint64_t unknown = 0;
        const auto weight = [&](std::uint32_t i) {
            return is_within(plan, nodes[i].window, window) ? estimate(i) : std::int64_t{0};
        };
        for (std::uint32_t i = 0; i < nodes.size(); ++i) {
            if (!is_within(plan, nodes[i].window, window)) continue;
            ++steps;
            unknown += estimate(i) == 0 ? 1 : 0;
        }
        if (steps == 0) continue;
        std::vector<std::int64_t> durations;
        for (const std::uint32_t i : longest_chain(plan.graph, weight)) durations.push_back(weight(i));
        lines.push_back("window " + program::text_of(plan.windows[w]) + ", " + base::counted(steps, "step") + ": " +
                        fit_text(durations, program::longest_opening_ms(plan.windows, window), unknown));
    }
    return lines;
}

}  // namespace pvsplan::view
