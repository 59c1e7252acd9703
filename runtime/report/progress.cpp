#include "runtime/report/progress.hpp"

#include <algorithm>

#include "runtime/report/lines.hpp"

namespace pvsplan::report {

using EventType = engine::Event::Type;

namespace {

// A run begins, goes on, or is rolled back from here on. What was under way belongs to the program before it: of a
// rollback nothing of the plan's steps is kept. A graph belongs to the engine, and is there until the run has ended.
void begin(Progress& progress, const engine::Event& event) {
    if (event.type == EventType::rollback_began) progress.is_rolling_back = true;
    if (!event.run.empty()) progress.run = event.run;
    if (progress.began_at == 0) progress.began_at = event.steady;
    progress.simulated = event.simulated;
    progress.nodes = event.nodes;
    progress.running.clear();
    progress.wanted.clear();
    progress.retries.clear();
    progress.windows.clear();
    progress.reconciled.clear();
    for (const program::NodeId id : event.over_before) progress.reconciled.insert(progress.nodes->nodes[id.index()].id);
}

// What a step that runs does now.
void note(Progress& progress, const std::string& step, const std::string& what) {
    if (const auto found = progress.running.find(step); found != progress.running.end()) found->second.note = what;
}

}  // namespace

// Every event is here, so that a new one has to be thought about.
void Progress::see(const engine::Event& event) {
    over = event.over;
    left = event.left;
    switch (event.type) {
        case EventType::run_began:
        case EventType::run_resumed:
        case EventType::rollback_began: begin(*this, event); break;
        case EventType::step_started:
            retries.erase(event.node);
            running[event.node] = {.since = event.steady,
                                   .attempt = event.attempt,
                                   .tries = event.tries,
                                   .max_tries = event.max_tries,
                                   .object = event.object};
            break;
        case EventType::step_output: note(*this, event.node, event.text); break;
        case EventType::step_unreachable: note(*this, event.node, "unreachable: " + event.text); break;
        case EventType::step_reachable: note(*this, event.node, ""); break;
        case EventType::step_checking: note(*this, event.node, "checking"); break;
        case EventType::step_failed:
            running.erase(event.node);
            if (event.retry_in_ms < 0)
                reconciled.insert(event.node);
            else
                retries[event.node] = {event.steady + event.retry_in_ms,
                                       attempt_text(event.attempt + 1, event.tries + 1, event.max_tries)};
            break;
        case EventType::step_finished:
        case EventType::step_unreached:
        case EventType::step_in_doubt:
        case EventType::step_skipped:
        case EventType::step_reconciled:
        case EventType::approval_given:
            running.erase(event.node);
            wanted.erase(event.node);
            reconciled.insert(event.node);
            break;
        case EventType::approval_wanted:
        case EventType::person_wanted: wanted[event.node] = event.text; break;
        case EventType::window_closed:
            windows[event.node] = {event.opens_in_ms < 0 ? -1 : event.steady + event.opens_in_ms, event.text};
            break;
        case EventType::window_opened: windows.erase(event.node); break;
        case EventType::stopping: stopping = event.text; break;
        case EventType::run_ended: nodes = nullptr; break;
        case EventType::guard_decided:
        case EventType::point_of_no_return:
        case EventType::observed:
        case EventType::note:
        case EventType::heartbeat: break;
    }
}

const std::pair<const std::string, Running>* Progress::oldest() const {
    const auto found = std::min_element(running.begin(), running.end(),
                                        [](const auto& a, const auto& b) { return a.second.since < b.second.since; });
    return found == running.end() ? nullptr : &*found;
}

// In the order of the graph; what a step still waits for is not looked at.
std::vector<std::string> Progress::next(std::size_t max) const {
    std::vector<std::string> result;
    if (!nodes || !stopping.empty()) return result;
    for (const program::Node& node : nodes->nodes) {
        if (result.size() >= max) break;
        if (node.type == program::Node::Type::join || reconciled.contains(node.id) || running.contains(node.id) ||
            wanted.contains(node.id) || retries.contains(node.id) || windows.contains(node.id))
            continue;
        result.push_back(node.id);
    }
    return result;
}

// Along the order, each node after its sources. A step that runs longer than usual is expected to end now. Where most
// of what is left has no history, a number would be a guess.
std::optional<std::int64_t> Progress::expected_left_ms(ports::Millis now) const {
    if (!nodes || usual.empty()) return std::nullopt;
    std::vector<std::int64_t> until(nodes->nodes.size());  // from now to the end of the node
    std::size_t steps = 0;
    std::size_t without = 0;
    std::int64_t longest = 0;
    std::size_t edge = 0;
    for (std::size_t i = 0; i < nodes->nodes.size(); ++i) {
        const program::Node& node = nodes->nodes[i];
        for (; edge < nodes->edges.size() && nodes->edges[edge].to.index() == i; ++edge)
            until[i] = std::max(until[i], until[nodes->edges[edge].from.index()]);
        if (node.type != program::Node::Type::action || reconciled.contains(node.id)) continue;
        ++steps;
        const auto known = usual.find(node.id);
        if (known == usual.end()) {
            ++without;
            continue;
        }
        const auto active = running.find(node.id);
        const std::int64_t gone = active == running.end() ? 0 : std::max<std::int64_t>(now - active->second.since, 0);
        until[i] += std::max<std::int64_t>(known->second - gone, 0);
        longest = std::max(longest, until[i]);
    }
    if (without * 2 > steps) return std::nullopt;
    return longest;
}

}  // namespace pvsplan::report
