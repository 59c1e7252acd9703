#include "compiler/diff/diff.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "compiler/diff/matching.hpp"
#include "compiler/diff/order.hpp"
#include "compiler/diff/requirements.hpp"
#include "compiler/diff/same.hpp"
#include "compiler/diff/steps.hpp"
#include "compiler/diff/surroundings.hpp"

namespace pvsplan::diff {
namespace {

// Groups whose `recover` is gone, or does something else.
void compare_recoveries(const Same& same, Differences& all) {
    for (const program::RecoverSteps& was : same.before().recoveries) {
        const auto& after = same.after().recoveries;
        const auto now = std::find_if(after.begin(), after.end(),
                                      [&](const program::RecoverSteps& one) { return one.group == was.group; });
        const std::string group = was.group.empty() ? "the plan" : pattern_of(was.group);
        if (now == after.end())
            all.losses.push_back({StepChange::Type::undo_lost, group, was.covers.size(), was.group,
                                  "its `recover` is gone", "", "", was.source});
        else if (!same(was.steps, now->steps) || !same(was.guards, now->guards))
            all.others.push_back({"`recover` of `" + group + "`", "is different"});
    }
    for (const program::RecoverSteps& now : same.after().recoveries)
        if (std::none_of(same.before().recoveries.begin(), same.before().recoveries.end(),
                         [&](const program::RecoverSteps& was) { return was.group == now.group; }))
            all.others.push_back({"`recover` of `" + (now.group.empty() ? "the plan" : now.group) + "`", "is new"});
}

// A rollback that was proved to restore everything, and is not any more.
void compare_rollback(const Version& before, const Version& after, Differences& all) {
    if (before.rollback == nullptr || after.rollback == nullptr) return;
    // A point of no return is told as one.
    const bool has_more_points = after.rollback->no_return.size() > before.rollback->no_return.size();
    if (before.rollback->complete && !after.rollback->complete && !has_more_points)
        all.losses.push_back({StepChange::Type::undo_lost,
                              "the plan",
                              1,
                              "",
                              "its rollback is no longer proved to put everything back",
                              "",
                              "",
                              {}});
}

}  // namespace

bool Differences::none() const {
    return requirements.empty() && losses.empty() && loops.empty() && order.empty() && is_order_whole &&
           steps.empty() && others.empty();
}

Differences compare(const Version& before, const Version& after) {
    const Matching matching = match(before.plan, after.plan);
    std::unordered_map<std::string, std::string> renamed;
    if (!matching.renamed.empty())
        for (std::uint32_t i = 0; i < matching.after.size(); ++i)
            if (matching.after[i] != no_node &&
                before.plan.graph.nodes[i].id != after.plan.graph.nodes[matching.after[i]].id)
                renamed.emplace(before.plan.graph.nodes[i].id, after.plan.graph.nodes[matching.after[i]].id);
    const Same same(before.plan, after.plan, [&](const std::string& path) -> const std::string& {
        const auto found = renamed.find(path);
        return found == renamed.end() ? path : found->second;
    });
    Differences all;
    all.requirements = compare_requirements(before, after, same);
    StepChanges steps = compare_steps(before.plan, after.plan, matching, same);
    all.losses = std::move(steps.losses);
    all.steps = std::move(steps.steps);
    OrderChanges order = compare_order(before, after, matching);
    all.order = std::move(order.order);
    all.loops = std::move(order.loops);
    all.is_order_whole = order.is_whole;
    all.others = compare_surroundings(before.plan, after.plan, same);
    compare_recoveries(same, all);
    compare_rollback(before, after, all);
    return all;
}

}  // namespace pvsplan::diff
