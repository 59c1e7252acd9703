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

// Groups whose `recover` is gone.
void compare_recoveries(const program::Plan& before, const program::Plan& after, std::vector<StepChange>& losses) {
    for (const program::RecoverSteps& was : before.recoveries)
        if (std::none_of(after.recoveries.begin(), after.recoveries.end(),
                         [&](const program::RecoverSteps& now) { return now.group == was.group; }))
            losses.push_back({StepChange::Type::undo_lost, was.group.empty() ? "the plan" : pattern_of(was.group),
                              was.covers.size(), was.group, "its `recover` is gone", "", "", was.source});
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
    compare_recoveries(before.plan, after.plan, all.losses);
    OrderChanges order = compare_order(before, after, matching);
    all.order = std::move(order.order);
    all.loops = std::move(order.loops);
    all.is_order_whole = order.is_whole;
    all.others = compare_surroundings(before.plan, after.plan, same);
    return all;
}

}  // namespace pvsplan::diff
