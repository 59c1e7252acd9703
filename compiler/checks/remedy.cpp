#include "compiler/checks/remedy.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "compiler/base/lists.hpp"
#include "compiler/program/blind_env.hpp"
#include "compiler/schedule/fact_names.hpp"

namespace pvsplan::checks {
namespace {

using program::Expr;
using program::ObjectId;
using program::Value;
using Names = std::vector<std::string>;

constexpr std::size_t max_named = 3;

bool meet(const graph::Vocabulary::Names& a, const graph::Vocabulary::Names& b) {
    return std::any_of(a.begin(), a.end(), [&](const std::string& name) { return b.contains(name); });
}

// The procedures that call one of these actions, directly or through another procedure.
Names procedures_with(const graph::Vocabulary& vocabulary, const Names& actions) {
    graph::Vocabulary::Names names(actions.begin(), actions.end());
    Names found;
    // Repeats until no procedure is added: a procedure counts once one that it calls does.
    for (std::size_t before = 0; before != names.size();) {
        before = names.size();
        for (const graph::Vocabulary::Procedure& procedure : vocabulary.procedures)
            if (!names.contains(procedure.name) && meet(procedure.calls, names)) {
                names.insert(procedure.name);
                found.push_back(procedure.name);
            }
    }
    return found;
}

// The actions that no `undo` calls; all of them if each is called by some `undo`.
Names forward(const graph::Vocabulary& vocabulary, const Names& actions) {
    Names found;
    for (const std::string& name : actions) {
        const auto undoes = [&](const graph::Vocabulary::Names& calls) { return calls.contains(name); };
        if (std::none_of(vocabulary.undo_calls.begin(), vocabulary.undo_calls.end(), undoes)) found.push_back(name);
    }
    return found.empty() ? actions : found;
}

// Names the actions first, then the procedures that reach one of them; an editor offers them in this order.
Remedy of_actions(const graph::Vocabulary& vocabulary, Names actions, std::string text) {
    if (actions.empty()) return {};
    Remedy found{std::move(actions), std::move(text)};
    for (std::string& procedure : procedures_with(vocabulary, found.names)) found.names.push_back(std::move(procedure));
    return found;
}

// Of actions that do it to an object of that kind; procedures count that call one of them, however deep.
Remedy of_event(const Advice& about, const EventDemand& query) {
    const std::string& kind = query.kind;
    const std::string what = "`" + query.verb + "(" + kind + ")`";
    // No action approves: a step of its own form does.
    if (query.verb == program::approve_verb)
        return {{what}, "a step `{approve: TEXT, on: X}` is " + what + ", where X is a " + kind};
    Names actions;
    for (const graph::ActionFact& fact : about.facts.actions)
        if (std::any_of(fact.action->does.begin(), fact.action->does.end(), [&](const auto& event) {
                return event.verb == query.verb && event.object && event.object->type == program::Type::object(kind);
            }))
            actions.push_back(fact.action->name);
    std::string text = base::some_quoted(actions, max_named) + (actions.size() == 1 ? " does " : " do ") + what;
    const Names procedures = procedures_with(about.vocabulary, actions);
    if (!procedures.empty())
        text += "; " + base::some_quoted(procedures, max_named) + (procedures.size() == 1 ? " has" : " have") +
                " such a step";
    return of_actions(about.vocabulary, std::move(actions), std::move(text));
}

// An environment in which one state of the object in local 0 has a given value, and all other states are unknown.
class Supposed final : public program::BlindEnv {
  public:
    Supposed(const graph::Facts& facts, ObjectId object, std::string state, Value value)
        : facts_(facts), names_(facts), object_(object), state_(std::move(state)), value_(std::move(value)) {}

    [[nodiscard]] Value local(std::uint32_t number) const override {
        return number == 0 ? Value::object(object_) : not_known();
    }
    [[nodiscard]] Value attribute(ObjectId object, const std::string& name) const override {
        return facts_.attribute(object, name);
    }
    [[nodiscard]] Value state(ObjectId object, const std::string& name) const override {
        return object == object_ && name == state_ ? value_ : not_known();
    }
    [[nodiscard]] const program::ObjectNames& names() const override { return names_; }

  private:
    const graph::Facts& facts_;
    schedule::FactNames names_;
    ObjectId object_;
    std::string state_;
    Value value_;
};

// The first state of the condition that some action can set so that it may hold. It is tried on one object of the kind,
// since the conditions of a kind seldom depend on which.
Remedy of_condition(const Advice& about, const StateDemand& query) {
    const std::span<const ObjectId> objects = about.facts.objects_of(query.kind);
    if (!query.condition || objects.empty()) return {};
    std::set<std::string> states;
    program::for_each_part(*query.condition, [&](const Expr& part) {
        if (part.op == Expr::Op::state && part.args[0]->op == Expr::Op::local && part.args[0]->local == 0)
            states.insert(part.name);
    });
    for (const std::string& state : states) {
        Remedy found = remedy_of_state(about, query.kind, state, query.text, [&](const Value* value) {
            if (!value) return true;
            const Supposed env(about.facts, objects.front(), state, *value);
            const Value truth = program::evaluate(*query.condition, env);
            return truth.is_unknown() || (truth.as_boolean() && *truth.as_boolean());
        });
        if (!found.names.empty()) return found;
    }
    return {};
}

// The remedy for a state that the condition reads and that no step of the plan sets.
Remedy of_unset(const Advice& about, const std::vector<graph::StateVariable>& read) {
    const graph::Facts& facts = about.facts;
    for (const graph::StateVariable variable : read) {
        const auto& sets = facts.sets.items;
        if (std::any_of(sets.begin(), sets.end(), [&](const graph::SetFact& set) { return set.variable == variable; }))
            continue;
        const ObjectId object = facts.variable_object[variable];
        const std::string& kind = facts.kinds[facts.object_kind[object.index()]];
        const std::string& state = facts.state_names[facts.variable_attribute[variable]];
        Remedy found = remedy_of_state(about, kind, state, facts.object_name(object) + "." + state,
                                       [](const Value*) { return true; });
        if (!found.names.empty()) return found;
    }
    return {};
}

// Whether any step of the plan does this verb on an object of this kind, whatever `where` says.
bool happens(const graph::Facts& facts, const EventDemand& query) {
    const graph::Index kind = facts.row_of_kind(query.kind);
    return std::any_of(facts.events.items.begin(), facts.events.items.end(), [&](const graph::EventFact& event) {
        return facts.verbs[event.verb] == query.verb && facts.object_kind[event.object.index()] == kind;
    });
}

}  // namespace

// A value that only the run knows is asked about as null: it may suit.
Remedy remedy_of_state(const Advice& about, const std::string& kind, const std::string& state, const std::string& what,
                       const std::function<bool(const Value* value)>& suits) {
    Names actions;
    for (const graph::ActionFact& fact : about.facts.actions)
        for (const program::Action::Sets& set : fact.action->sets)
            if (set.attribute == state && set.object && set.object->type == program::Type::object(kind) && set.value &&
                suits(set.value->op == Expr::Op::literal ? &set.value->value : nullptr)) {
                actions.push_back(fact.action->name);
                break;
            }
    actions = forward(about.vocabulary, actions);
    std::string text = "`" + what + "` is brought about by " + base::some_quoted(actions, max_named);
    return of_actions(about.vocabulary, std::move(actions), std::move(text));
}

// Nothing where an order is wrong and nothing is missing: then no further step would help.
Remedy remedy(const Advice& about, const Requirement& requirement, const Decision& decision) {
    using enum Decision::Missing;
    const program::Demand& demand = requirement.demand;
    if (decision.verdict == Verdict::vacuous) {
        for (const auto* side : {&demand.left, &demand.right})
            if (*side && !happens(about.facts, **side)) return of_event(about, **side);
        return {};
    }
    // What is missing was found by the check that decided it: an event of a side, or something that brings a state
    // about.
    if (decision.lacks == left && demand.left) return of_event(about, *demand.left);
    if (decision.lacks == right && demand.right) return of_event(about, *demand.right);
    if (decision.lacks != state || !demand.state) return {};
    Remedy unset = of_unset(about, decision.reads);
    return unset.names.empty() ? of_condition(about, *demand.state) : unset;
}

}  // namespace pvsplan::checks
