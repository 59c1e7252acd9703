#include "runtime/picture/rollback.hpp"

#include <algorithm>

#include "runtime/picture/words.hpp"

namespace pvsplan::picture {
namespace {

constexpr std::string_view undo = "undo:";
constexpr std::string_view recover = "recover:";

using Nodes = std::map<std::string, std::uint32_t>;  // by path

Nodes nodes_of(const program::Plan& plan) {
    Nodes nodes;
    for (std::uint32_t i = 0; i < plan.graph.nodes.size(); ++i) nodes.emplace(plan.graph.nodes[i].id, i);
    return nodes;
}

// What "undo:STEP" or "undo:STEP.ID" undoes. One step of an undo that has several is `undo:STEP.ID`; a step whose own
// path has dots is looked for first as a whole.
std::optional<std::uint32_t> undone_by(const Nodes& nodes, std::string path) {
    if (!path.starts_with(undo)) return std::nullopt;
    path.erase(0, undo.size());
    if (const auto found = nodes.find(path); found != nodes.end()) return found->second;
    const auto found = nodes.find(path.substr(0, path.rfind('.')));
    return found == nodes.end() ? std::nullopt : std::optional(found->second);
}

bool is_done(const Ran::Node& node) { return node.status == StepStatus::done || node.status == StepStatus::skipped; }

}  // namespace

// A step counts as rolled back once all that undoes it is done, and never while a part of that is open.
std::vector<StepStatus> statuses_of(const program::Plan& plan, const Ran& ran) {
    std::vector<StepStatus> statuses;
    for (const Ran::Node& node : ran.nodes) statuses.push_back(node.status);
    const Nodes nodes = nodes_of(plan);
    std::map<std::uint32_t, bool> undone;   // whether all that undoes it is done
    std::map<std::string, bool> recovered;  // likewise, by group
    for (const Ran::Node& step : ran.rollback) {
        if (const auto node = undone_by(nodes, step.path))
            undone[*node] = undone.try_emplace(*node, true).first->second && is_done(step);
        for (const program::RecoverSteps& one : plan.recoveries)
            if (step.path.starts_with(recover) && step.path.substr(recover.size()).starts_with(one.group + "."))
                recovered[one.group] = recovered.try_emplace(one.group, true).first->second && is_done(step);
    }
    for (const auto& [node, is_all] : undone)
        if (is_all && statuses[node] != StepStatus::planned) statuses[node] = StepStatus::rolled_back;
    for (const program::RecoverSteps& one : plan.recoveries)
        if (const auto found = recovered.find(one.group); found != recovered.end() && found->second)
            for (const program::NodeId node : one.covers)
                if (statuses[node.index()] == StepStatus::done || statuses[node.index()] == StepStatus::failed)
                    statuses[node.index()] = StepStatus::rolled_back;
    // A failure is what the eye looks for, whatever became of it later.
    for (std::size_t i = 0; i < statuses.size(); ++i)
        if (ran.nodes[i].status == StepStatus::failed) statuses[i] = StepStatus::failed;
    return statuses;
}

// Behind the end of the plan, one step after the other, in the order in which they began; those that have not begun
// come last. Each is as long as the others: nobody expects anything of an undo.
DrawnRollback rollback_of(const program::Plan& plan, const Ran& ran, const Timeplan& time) {
    static constexpr At plan_share = 3;  // it takes at most a third of the plan's length
    DrawnRollback drawn{.end = time.end};
    if (!ran.is_rolling_back || ran.rollback.empty()) return drawn;
    for (std::uint32_t i = 0; i < ran.rollback.size(); ++i)
        if (!ran.rollback[i].path.starts_with("undone:")) drawn.steps.push_back({i, {}});
    const auto started = [&](const DrawnRollback::Undo& step) {
        const std::int64_t at = ran.rollback[step.place].started_at;
        return at == 0 ? std::numeric_limits<std::int64_t>::max() : at;
    };
    std::stable_sort(drawn.steps.begin(), drawn.steps.end(),
                     [&](const auto& a, const auto& b) { return started(a) < started(b); });
    const auto count = static_cast<At>(std::max<std::size_t>(1, drawn.steps.size()));
    const At unit = std::max<At>(1, std::min(time.end / 30, time.end / plan_share / count));
    At at = time.end + unit;
    const Nodes nodes = nodes_of(plan);
    for (DrawnRollback::Undo& step : drawn.steps) {
        step.when = {at, at + unit};
        at += unit;
        const Ran::Node& undoes = ran.rollback[step.place];
        if (undoes.path.starts_with(recover) && undoes.status != StepStatus::planned && !undoes.object.empty()) {
            const auto [known, is_first] = drawn.undone.recovered.try_emplace(undoes.object, step.when);
            if (!is_first) known->second.to = step.when.to;
        }
        const auto node = undone_by(nodes, undoes.path);
        if (!node || !is_done(undoes)) continue;
        const auto [found, is_new] = drawn.undone.steps.try_emplace(*node, step.when);
        if (!is_new) found->second.to = step.when.to;
    }
    drawn.end = at + unit;
    return drawn;
}

// The number of a step goes on behind the plan's own. A step whose object has no lane is left out. Bands are made to
// last to the end of the picture.
void add_to(std::vector<Group>& groups, const program::Plan& plan, const Ran& ran, const DrawnRollback& rollback) {
    std::map<std::string, Lane*> lanes;  // by the name that a lane has
    for (Group& group : groups)
        for (Lane& lane : group.lanes) lanes[lane.name] = &lane;
    std::uint32_t node = static_cast<std::uint32_t>(plan.graph.nodes.size());
    for (const DrawnRollback::Undo& undone : rollback.steps) {
        const Ran::Node& step = ran.rollback[undone.place];
        const auto lane =
            lanes.find(step.object.empty() ? "on this machine" : step.object.substr(step.object.find('/') + 1));
        if (lane == lanes.end()) continue;
        lane->second->steps.push_back({.node = node++,
                                       .when = undone.when,
                                       .latest = undone.when.to,
                                       .type = Step::Type::undo,
                                       .status = step.status,
                                       .path = step.path,
                                       .label = "",
                                       .title = step.path,
                                       .note = step.text});
    }
    for (const auto& [name, lane] : lanes)
        if (!lane->bands.empty()) lane->bands.back().when.to = std::max(lane->bands.back().when.to, rollback.end);
}

}  // namespace pvsplan::picture
