#include "runtime/engine/windows.hpp"

namespace pvsplan::engine {

using program::Opening;
using program::WindowId;

std::optional<Opening> Windows::opening(WindowId id, ports::Millis now) {
    Asked& known = asked_[id.index()];
    if (now < known.at || now >= known.until) {
        static constexpr ports::Millis look_again_ms = 60'000;
        std::optional<Opening> opening = program::opening_at(plan_->windows, id, now);
        known = {.at = now, .until = opening ? opening->to : now + look_again_ms, .opening = opening};
    }
    return known.opening;
}

bool Windows::is_open(WindowId id, ports::Millis now) { return opening(id, now).value_or(Opening()).contains(now); }

bool Windows::are_all_open(ports::Millis now) {
    for (std::size_t i = 0; i < asked_.size(); ++i)
        if (!is_open(WindowId(i), now)) return false;
    return true;
}

WindowId window_of(const state::RunState& run, program::NodeId node) {
    const WindowId window = run.now().node(node).window;
    if (!window) return window;
    const state::NodeState& at = run.now_state().nodes[node.index()];
    return at.phase == state::Phase::retrying && at.ended_as > run.went_on_as ? WindowId() : window;
}

std::string opens_text(const program::Plan& plan, WindowId id, const std::optional<Opening>& opening) {
    const std::string& zone = plan.windows[id.index()].zone;
    if (opening) return "opens " + program::moment_text(zone, opening->from);
    if (!program::is_zone(zone)) return "opens nobody knows when: this machine has no time zone `" + zone + "`";
    return "does not open within a year";
}

}  // namespace pvsplan::engine
