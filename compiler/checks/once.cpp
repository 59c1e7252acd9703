#include "compiler/checks/once.hpp"

#include <algorithm>
#include <set>

#include "compiler/checks/rollback_codes.hpp"
#include "compiler/resolve/model.hpp"

namespace pvsplan::checks {

namespace {

// The action is observable if every state that it sets can be observed on its object.
bool is_observable(const resolve::Model& model, const resolve::Action& action) {
    const auto& sets = action.compiled.sets;
    return !sets.empty() && std::all_of(sets.begin(), sets.end(), [&](const program::Action::Sets& set) {
        const auto kind = model.kind_by_name.find(set.object->type.names.at(0));
        return kind != model.kind_by_name.end() &&
               model.kinds[kind->second.index()].observe.type != program::Body::Type::none;
    });
}

}  // namespace

void check_once(const resolve::Model& model, const expand::Expansion& expansion,
                const std::vector<std::uint32_t>& node_of, const graph::Facts& facts,
                const std::vector<Requirement>& requirements, const std::vector<program::RequirementPlaces>& places,
                diag::Sink& sink) {
    std::vector<std::size_t> bounds;
    for (std::size_t i = 0; i < requirements.size(); ++i) {
        const program::Demand& demand = requirements[i].demand;
        if (demand.form == Form::count && demand.bound != Bound::at_least && demand.left) bounds.push_back(i);
    }
    if (bounds.empty()) return;
    std::set<std::pair<const resolve::Action*, std::uint32_t>> looked_at;
    for (graph::Index node = 0; node < facts.size(); ++node) {
        // The journal has the decision of the operator, so an approval is never asked for twice.
        if (expansion.nodes[node_of[node]].type == program::Node::Type::approval) continue;
        for (const graph::EventFact& event : facts.events[node]) {
            const resolve::Step* step = expansion.scopes[expansion.nodes[node_of[node]].scope].step;
            const resolve::Action& action = model.actions[step->action.index()];
            if (action.compiled.repeatable || !looked_at.emplace(&action, event.verb).second ||
                is_observable(model, action))
                continue;
            for (const std::size_t i : bounds) {
                const EventDemand& counted = *requirements[i].demand.left;
                if (counted.verb != facts.verbs[event.verb] ||
                    counted.kind != facts.kinds[facts.object_kind[event.object.index()]])
                    continue;
                sink.report(not_observable,
                            expansion.finding_in(expansion.nodes[node_of[node]].scope, action.span, model),
                            counted.verb, action.compiled.name)
                    .related(places[i].whole, "it may not happen more often than this")
                    .related(facts.place(node), "the step `" + facts.path(node) + "`")
                    .hint(
                        "let the action set a state that `observe` of its kind reads, or mark it `repeatable: true` if "
                        "doing it again changes nothing");
                break;
            }
        }
    }
}

}  // namespace pvsplan::checks
