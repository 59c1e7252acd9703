#include "runtime/engine/next.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace pvsplan::engine {

using program::GuardId;
using program::InstanceId;
using program::Node;
using program::NodeId;
using state::Decision;
using state::Phase;

namespace {

bool has_failed(Phase phase) { return phase == Phase::failed || phase == Phase::unreached; }

Stop worse(Stop a, Stop b) { return std::max(a, b); }

Stop stop_for(program::OnFailure on_failure, Phase phase) {
    // Unreachable is not failed: nothing is rolled back for it.
    return on_failure == program::OnFailure::rollback && phase == Phase::failed ? Stop::roll_back : Stop::failed;
}

// Every instance below one that was given up is given up with it.
void give_up(const state::Course& course, InstanceId instance, std::vector<char>& given_up) {
    std::vector<InstanceId> pending{instance};
    while (!pending.empty()) {
        const auto at = pending.back();
        pending.pop_back();
        given_up[at.index()] = 1;
        const auto& children = course.instance_children[at.index()];
        pending.insert(pending.end(), children.begin(), children.end());
    }
}

Decision guard_of(const state::Course& course, const state::CourseState& state, const Node& node) {
    return node.guard ? state::decision_of(course, state, node.guard) : Decision::holds;
}

// The outermost guard around the node that is still open and whose parents hold.
GuardId first_open(const state::Course& course, const state::CourseState& state, GuardId guard) {
    GuardId open;
    for (auto at = guard; at; at = (*course.guards)[at.index()].parent)
        if (state.guards[at.index()] == Decision::open) open = at;
    return open;
}

}  // namespace

// Inner instances come after outer ones, so failures are carried outwards from the back.
Containment contain(const state::Course& course, const state::CourseState& state) {
    Containment result{.given_up = std::vector<char>(course.instances->size(), 0)};
    std::vector<char> failed_within(course.instances->size(), 0);
    for (std::size_t i = 0; i < course.size(); ++i) {
        const auto& node = course.graph->nodes[i];
        const auto phase = state.nodes[i].phase;
        if (phase == Phase::in_doubt) result.stop = worse(result.stop, Stop::doubt);
        if (!has_failed(phase)) continue;
        if (node.instance) {
            failed_within[node.instance.index()] = 1;
        } else {
            result.stop = worse(result.stop, stop_for(node.on_failure, phase));
        }
    }
    // (parent, loop) -> how many of its instances failed
    std::map<std::pair<InstanceId, std::string>, std::uint32_t> failures;
    for (std::size_t i = course.instances->size(); i-- > 0;) {
        if (failed_within[i] == 0) continue;
        const auto& instance = (*course.instances)[i];
        give_up(course, InstanceId(i), result.given_up);
        if (++failures[{instance.parent, instance.loop}] <= instance.max_failures) continue;
        if (instance.parent) {
            failed_within[instance.parent.index()] = 1;
        } else {
            result.stop = worse(result.stop, stop_for(course.plan->on_failure, Phase::failed));
        }
    }
    return result;
}

Next next(const state::Course& course, const state::CourseState& state) {
    Next result;
    const auto containment = contain(course, state);
    result.stop = containment.stop;
    std::vector<char> over(course.size(), 0);
    std::set<GuardId> decide;
    for (std::size_t i = 0; i < course.size(); ++i) {
        const auto& node = course.graph->nodes[i];
        const auto phase = state.nodes[i].phase;
        const auto all_before_over = [&] {
            for (auto e = course.first_in[i]; e < course.first_in[i + 1]; ++e)
                if (over[course.in[e].index()] == 0) return false;
            return true;
        };
        const bool was_given_up = node.instance && containment.given_up[node.instance.index()] != 0;
        if (phase == Phase::finished) {
            over[i] = 1;
        } else if (phase != Phase::started && phase != Phase::in_doubt && all_before_over()) {
            if (was_given_up) {
                over[i] = 1;
            } else if (has_failed(phase)) {
                continue;
            } else if (node.is == Node::Is::join) {
                over[i] = 1;
            } else if (const auto guard = guard_of(course, state, node); guard == Decision::fails) {
                over[i] = 1;
            } else if (guard == Decision::open) {
                decide.insert(first_open(course, state, node.guard));
            } else if (node.is == Node::Is::approval) {
                result.approve.push_back(NodeId(i));
            } else {
                result.start.push_back(NodeId(i));
            }
        }
    }
    result.over = static_cast<std::size_t>(std::count(over.begin(), over.end(), 1));
    if (result.stop != Stop::no) {
        result.start.clear();
        result.approve.clear();
        return result;
    }
    result.decide.assign(decide.begin(), decide.end());
    return result;
}

}  // namespace pvsplan::engine
