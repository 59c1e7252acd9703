#include "compiler/checks/once.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "compiler/checks/rollback_codes.hpp"

namespace pvsplan::checks {

namespace {

// The action is observable if every state that it sets can be observed on its object.
bool is_observable(const graph::Facts& facts, const program::Action& action) {
    return !action.sets.empty() &&
           std::all_of(action.sets.begin(), action.sets.end(), [&](const program::Action::Sets& set) {
               const graph::Index kind = facts.row_of_kind(set.object->type.names.at(0));
               return kind != graph::no_index && facts.can_be_observed[kind];
           });
}

// The requirement that bounds how often such an event happens; none if nothing does.
std::optional<std::size_t> bound_of(const graph::Facts& facts, const graph::EventFact& event,
                                    const std::vector<Requirement>& requirements) {
    for (std::size_t i = 0; i < requirements.size(); ++i) {
        const program::Demand& demand = requirements[i].demand;
        if (demand.form == Form::count && demand.bound != Bound::at_least && demand.left &&
            demand.left->verb == facts.verbs[event.verb] &&
            demand.left->kind == facts.kinds[facts.object_kind[event.object.index()]])
            return i;
    }
    return std::nullopt;
}

}  // namespace

// Asked of each action and event once: that it can be observed depends on the action alone.
void check_once(const graph::Facts& facts, const std::vector<Requirement>& requirements,
                const std::vector<program::RequirementPlaces>& places, diag::Sink& sink) {
    const bool is_any = std::any_of(requirements.begin(), requirements.end(),
                                    [](const Requirement& r) { return r.demand.form == Form::count; });
    std::set<std::pair<std::uint32_t, std::uint32_t>> looked_at;
    for (graph::Index node = 0; is_any && node < facts.size(); ++node) {
        // The journal has the decision of the operator, so an approval is never asked for twice.
        if (!facts.is_action[node]) continue;
        const graph::ActionFact& action = facts.actions[facts.action[node]];
        for (const graph::EventFact& event : facts.events[node]) {
            if (action.action->repeatable || !looked_at.emplace(facts.action[node], event.verb).second ||
                is_observable(facts, *action.action))
                continue;
            const auto bound = bound_of(facts, event, requirements);
            if (!bound) continue;
            sink.report(not_observable, facts.finding_in(node, action.place), diag::Verb(facts.verbs[event.verb]),
                        diag::Name(action.action->name))
                .related(places[*bound].whole, "it may not happen more often than this")
                .related(facts.place(node), "the step `" + facts.path(node) + "`")
                // Both ways out: to be seen, or to be harmless when done again.
                .hint(
                    "let the action set a state that `observe` of its kind reads, or mark it `repeatable: true` if "
                    "doing it again changes nothing");
        }
    }
}

}  // namespace pvsplan::checks
