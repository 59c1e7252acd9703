#include "runtime/engine/window_waits.hpp"

#include <algorithm>

#include "runtime/ports/time_text.hpp"

namespace pvsplan::engine {

using program::NodeId;
using program::Opening;
using program::WindowId;

// Only the start waits: a step under way when its window closes goes on.
bool WindowWaits::holds(NodeId node) {
    const WindowId window = window_of(recorder_->run(), node);
    return window && !windows_.is_open(window, now());
}

// Most plans have no window, and most turns change nothing, so the common case is left first.
void WindowWaits::record() {
    const state::RunState& run = recorder_->run();
    const ports::Millis at = now();
    if (run.is_rolling_back() || (run.closed.empty() && windows_.are_all_open(at))) return;
    for (const NodeId node : recorder_->ready().start())
        if (const WindowId window = window_of(run, node); window) record(node, window, at);
}

// Told once by this process, written once in the journal: an earlier process may have written it, and people at this
// terminal have not heard it.
void WindowWaits::record(NodeId node, WindowId window, ports::Millis at) {
    const bool is_open = windows_.is_open(window, at);
    const bool was_closed = recorder_->run().closed.contains(window);
    const auto told = told_closed_.find(window);
    if (is_open ? told == told_closed_.end() && !was_closed : told != told_closed_.end()) return;
    Event event = recorder_->event_for(is_open ? Event::Type::window_opened : Event::Type::window_closed,
                                       is_open && told != told_closed_.end() ? told->second : node);
    if (is_open) {
        told_closed_.erase(window);
    } else {
        told_closed_.emplace(window, node);
        const std::optional<Opening> next = windows_.opening(window, at);
        event.text = opens_text(recorder_->plan(), window, next);
        if (next) event.opens_in_ms = next->from - at;
    }
    if (is_open == was_closed)
        recorder_->journal().write({.type = journal::Record::Type::window,
                                    .node = event.node,
                                    .value = is_open ? "open" : "closed",
                                    .text = event.text});
    recorder_->tell(std::move(event));
}

// Each closed window with the first step that waits for it. `run().closed` is empty mostly, and spares the walk.
std::map<WindowId, NodeId> WindowWaits::closed(ports::Millis at) {
    std::map<WindowId, NodeId> closed;
    if (recorder_->run().closed.empty() || recorder_->run().is_rolling_back()) return closed;
    for (const NodeId node : recorder_->ready().start())
        if (const WindowId window = window_of(recorder_->run(), node); window && !windows_.is_open(window, at))
            closed.emplace(window, node);
    return closed;
}

std::vector<Wanted> WindowWaits::wanted() {
    std::vector<Wanted> all;
    const ports::Millis at = now();
    for (const auto& [window, node] : closed(at)) {
        const std::optional<Opening> next = windows_.opening(window, at);
        all.push_back({.type = Wanted::Type::window,
                       .node = recorder_->node(node).id,
                       .text = program::text_of(recorder_->plan().windows[window.index()]) + "; " +
                               (next ? "opens in " + ports::duration_text(next->from - at)
                                     : opens_text(recorder_->plan(), window, next))});
    }
    return all;
}

// A window of which nobody can tell when it opens is named only if no other can be.
std::string WindowWaits::next_opening() {
    const ports::Millis at = now();
    WindowId first;
    std::optional<Opening> opening;
    for (const auto& [window, node] : closed(at)) {
        const std::optional<Opening> next = windows_.opening(window, at);
        const bool is_first = !first || (next && (!opening || next->from < opening->from));
        if (is_first) first = window;
        if (is_first) opening = next;
    }
    return first ? opens_text(recorder_->plan(), first, opening) : "";
}

// In milliseconds from now, since the wait is on the steady clock and the opening on that of people.
std::optional<ports::Millis> WindowWaits::due_in() {
    const ports::Millis at = now();
    std::optional<ports::Millis> least;
    for (const auto& [window, node] : closed(at))
        if (const std::optional<Opening> next = windows_.opening(window, at); next && next->from > at)
            least = std::min(least.value_or(next->from - at), next->from - at);
    return least;
}

}  // namespace pvsplan::engine
