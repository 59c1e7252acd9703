#include "compiler/diff/diff.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <unordered_map>

#include "compiler/diff/bodies.hpp"
#include "compiler/diff/choice_changes.hpp"
#include "compiler/diff/matching.hpp"
#include "compiler/diff/order.hpp"
#include "compiler/diff/requirements.hpp"
#include "compiler/diff/same.hpp"
#include "compiler/diff/steps.hpp"
#include "compiler/diff/surroundings.hpp"
#include "compiler/diff/undoing.hpp"

namespace pvsplan::diff {
namespace {

// Told once of all iterations of a loop.
void lose_recovery(const std::string& group, const program::RecoverSteps& was, const std::string& what,
                   std::vector<StepChange>& losses) {
    const auto same = std::find_if(losses.begin(), losses.end(),
                                   [&](const StepChange& other) { return other.step == group && other.what == what; });
    if (same != losses.end())
        ++same->count;
    else
        losses.push_back({StepChange::Type::undo_lost, group, 1, was.group, what, "", "", was.source});
}

void tell_once(std::vector<OtherChange>& into, OtherChange change) {
    if (std::none_of(into.begin(), into.end(),
                     [&](const OtherChange& other) { return other.what == change.what && other.how == change.how; }))
        into.push_back(std::move(change));
}

// A group of a loop is one for each iteration: its pattern, and in which it is.
using GroupKey = std::pair<std::string, std::string>;

// Groups whose `recover` is gone, or does something else.
void compare_recoveries(const Same& same, const Matching& matching, Differences& all) {
    std::map<GroupKey, const program::RecoverSteps*> after;
    for (const program::RecoverSteps& now : same.after().recoveries)
        after.emplace(GroupKey(pattern_of(now.group), iterations_of(now.group)), &now);
    for (const program::RecoverSteps& was : same.before().recoveries) {
        const auto found = after.find({renamed(matching, pattern_of(was.group)), iterations_of(was.group)});
        const program::RecoverSteps* const now = found == after.end() ? nullptr : found->second;
        if (now != nullptr) after.erase(found);
        const std::string group = was.group.empty() ? "the plan" : pattern_of(now == nullptr ? was.group : now->group);
        if (now == nullptr)
            lose_recovery(group, was, "its `recover` is gone", all.losses);
        else if (!undoes_as_much({was.steps, was.guards}, {now->steps, now->guards}, same))
            lose_recovery(group, was, "its `recover` does something else, or less", all.losses);
        else if (!same(was.steps, now->steps) || !same(was.guards, now->guards))
            tell_once(all.others, {"`recover` of `" + group + "`", "is different"});
    }
    for (const auto& [group, now] : after)
        tell_once(all.others, {"`recover` of `" + (now->group.empty() ? "the plan" : group.first) + "`", "is new"});
}

// What the plan says for all of its steps is told with those for which it means something.
void tell_with_steps_alone(Differences& all) {
    const auto is_told = [&](std::string_view what) {
        const auto tells = [&](const StepChange& one) { return one.what == what; };
        return std::any_of(all.losses.begin(), all.losses.end(), tells) ||
               std::any_of(all.steps.begin(), all.steps.end(), tells);
    };
    std::erase_if(all.others, [&](const OtherChange& one) {
        return (one.what == on_failure_of_plan && is_told("on_failure")) ||
               (one.what == approvers_of_plan && is_told("who may approve"));
    });
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

// Steps are matched first: everything else asks by steps, and a step that was renamed is no new one.
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
    all.steps = compare_bodies(before.plan, after.plan, same);
    std::move(steps.steps.begin(), steps.steps.end(), std::back_inserter(all.steps));
    OrderChanges order = compare_order(before, after, matching);
    all.order = std::move(order.order);
    std::move(order.losses.begin(), order.losses.end(), std::back_inserter(all.losses));
    all.loops = std::move(order.loops);
    all.is_order_whole = order.is_whole;
    SurroundingChanges surroundings = compare_surroundings(before, after, same);
    all.others = std::move(surroundings.others);
    std::move(surroundings.losses.begin(), surroundings.losses.end(), std::back_inserter(all.losses));
    compare_recoveries(same, matching, all);
    compare_rollback(before, after, all);
    StepChanges choices = compare_choices(before, after, matching, same, all);
    std::move(choices.losses.begin(), choices.losses.end(), std::back_inserter(all.losses));
    std::move(choices.steps.begin(), choices.steps.end(), std::back_inserter(all.steps));
    // What a person is asked goes before other changes: nobody can tell here whether he still looks at the same.
    const auto rank = [](const StepChange& one) { return std::pair(one.type, one.what == asks ? 0 : 1); };
    std::stable_sort(all.steps.begin(), all.steps.end(),
                     [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    tell_with_steps_alone(all);
    std::stable_sort(all.losses.begin(), all.losses.end(),
                     [](const auto& a, const auto& b) { return a.type < b.type; });
    // What is violated in both, and nothing else, is no difference.
    const auto is_as_before = [&](const RequirementChange& change) {
        return change.type == RequirementChange::Type::still_violated &&
               before.decisions[change.before].reason == after.decisions[change.after].reason;
    };
    Differences others = all;
    std::erase_if(others.requirements, is_as_before);
    return others.none() ? others : all;
}

}  // namespace pvsplan::diff
