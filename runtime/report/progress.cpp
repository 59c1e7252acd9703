#include "runtime/report/progress.hpp"

namespace pvsplan::report {

using Is = engine::Event::Is;

void Progress::see(const engine::Event& event) {
    over = event.over;
    left = event.left;
    switch (event.is) {
        case Is::run_began:
        case Is::run_resumed:
        case Is::way_back_began:
            if (event.is == Is::way_back_began) is_on_the_way_back = true;
            if (!event.run.empty()) run = event.run;
            if (began_at == 0) began_at = event.at;
            nodes = event.nodes;
            running.clear();
            wanted.clear();
            settled.clear();
            break;
        case Is::step_started:
            running[event.node] = {.since = event.at, .attempt = event.attempt, .object = event.object};
            break;
        case Is::step_output:
            if (const auto found = running.find(event.node); found != running.end()) found->second.note = event.text;
            break;
        case Is::step_unreachable:
            if (const auto found = running.find(event.node); found != running.end())
                found->second.note = "unreachable: " + event.text;
            break;
        case Is::step_reachable:
            if (const auto found = running.find(event.node); found != running.end()) found->second.note.clear();
            break;
        case Is::step_checking:
            if (const auto found = running.find(event.node); found != running.end()) found->second.note = "checking";
            break;
        case Is::step_failed:
            running.erase(event.node);
            if (event.retry_in_ms < 0) settled.insert(event.node);
            break;
        case Is::step_finished:
        case Is::step_unreached:
        case Is::step_in_doubt:
        case Is::step_skipped:
        case Is::step_settled:
        case Is::approval_given:
            running.erase(event.node);
            wanted.erase(event.node);
            settled.insert(event.node);
            break;
        case Is::approval_wanted:
        case Is::person_wanted: wanted[event.node] = event.text; break;
        case Is::stopping: stopping = event.text; break;
        case Is::run_ended: nodes = nullptr; break;
        case Is::guard_decided:
        case Is::point_of_no_return:
        case Is::observed:
        case Is::heartbeat: break;
    }
}

std::vector<std::string> Progress::next(std::size_t most) const {
    std::vector<std::string> result;
    if (!nodes || !stopping.empty()) return result;
    for (const program::Node& node : nodes->nodes) {
        if (result.size() >= most) break;
        if (node.is == program::Node::Is::join || settled.contains(node.id) || running.contains(node.id) ||
            wanted.contains(node.id))
            continue;
        result.push_back(node.id);
    }
    return result;
}

}  // namespace pvsplan::report
