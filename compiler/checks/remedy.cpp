#include "compiler/checks/remedy.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "compiler/expand/env.hpp"

namespace pvsplan::checks {
namespace {

using program::Expr;
using program::ObjectId;
using program::Value;
using resolve::Model;
using Names = std::vector<std::string>;

constexpr std::size_t max_named = 3;

std::string text_of(const Names& names) {
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), max_named); ++i) text += (i == 0 ? "`" : ", `") + names[i] + "`";
    return names.size() <= max_named ? text : text + " and " + std::to_string(names.size() - max_named) + " more";
}

bool calls_any(const resolve::Block& block, const Model& model, const std::set<std::string>& names) {
    return std::any_of(block.steps.begin(), block.steps.end(), [&](const resolve::Step& step) {
        switch (step.type) {
            case resolve::Step::Type::action: return names.contains(model.actions[step.action.index()].compiled.name);
            case resolve::Step::Type::procedure: return names.contains(model.procedures[step.procedure.index()].name);
            case resolve::Step::Type::group: return calls_any(step.block, model, names);
            case resolve::Step::Type::approval:
            case resolve::Step::Type::error: return false;
        }
        return false;
    });
}

// The procedures that call one of these actions, directly or through another procedure.
Names procedures_with(const Model& model, const Names& actions) {
    std::set<std::string> names(actions.begin(), actions.end());
    Names found;
    for (std::size_t before = 0; before != names.size();) {
        before = names.size();
        for (const resolve::Procedure& procedure : model.procedures)
            if (!names.contains(procedure.name) && calls_any(procedure.block, model, names)) {
                names.insert(procedure.name);
                found.push_back(procedure.name);
            }
    }
    return found;
}

// The actions that no `undo` calls; all of them if each is called by some `undo`.
Names forward(const Model& model, const Names& actions) {
    Names found;
    for (const std::string& name : actions) {
        const std::set<std::string> one = {name};
        const auto undoes = [&](const resolve::Action& a) { return calls_any(a.undo.steps, model, one); };
        if (std::none_of(model.actions.begin(), model.actions.end(), undoes)) found.push_back(name);
    }
    return found.empty() ? actions : found;
}

Remedy of_actions(const Model& model, Names actions, std::string text) {
    if (actions.empty()) return {};
    Remedy found{std::move(actions), std::move(text)};
    for (std::string& procedure : procedures_with(model, found.names)) found.names.push_back(std::move(procedure));
    return found;
}

Remedy of_event(const Model& model, const EventDemand& query) {
    const std::string& kind = query.kind;
    const std::string what = "`" + query.verb + "(" + kind + ")`";
    if (query.verb == program::approve_verb)
        return {{what}, "a step `{approve: TEXT, on: X}` is " + what + ", where X is a " + kind};
    Names actions;
    for (const resolve::Action& action : model.actions)
        if (std::any_of(action.compiled.does.begin(), action.compiled.does.end(), [&](const auto& event) {
                return event.verb == query.verb && event.object && event.object->type == program::Type::object(kind);
            }))
            actions.push_back(action.compiled.name);
    std::string text = text_of(actions) + (actions.size() == 1 ? " does " : " do ") + what;
    const Names procedures = procedures_with(model, actions);
    if (!procedures.empty())
        text += "; " + text_of(procedures) + (procedures.size() == 1 ? " has" : " have") + " such a step";
    return of_actions(model, std::move(actions), std::move(text));
}

// An environment in which one state of the object in local 0 has a given value, and all other states are unknown.
class Supposed final : public program::Env {
  public:
    Supposed(const Model& model, Value object, std::string state, Value value)
        : model_(model),
          names_(model),
          object_(std::move(object)),
          state_(std::move(state)),
          value_(std::move(value)) {}

    [[nodiscard]] Value local(std::uint32_t number) const override { return number == 0 ? object_ : unknown(); }
    [[nodiscard]] Value attribute(program::ObjectId object, const std::string& name) const override {
        return expand::attribute_of(model_, object, name);
    }
    [[nodiscard]] Value state(program::ObjectId object, const std::string& name) const override {
        return Value::object(object) == object_ && name == state_ ? value_ : unknown();
    }
    [[nodiscard]] Value before(const std::string&) const override { return unknown(); }
    [[nodiscard]] Value output(const std::string&, const std::string&) const override { return unknown(); }
    [[nodiscard]] Value special(Expr::Op, const std::string&) const override { return unknown(); }
    [[nodiscard]] Value json(const std::vector<std::string>&) const override { return unknown(); }
    [[nodiscard]] Value derived_unknown(const Expr&) const override { return unknown(); }
    [[nodiscard]] const program::ObjectNames& names() const override { return names_; }

  private:
    // A new unknown for each, so that two of them are never known to be equal.
    [[nodiscard]] Value unknown() const { return Value::unknown(resolve::unknown_other_base + next_++); }

    const Model& model_;
    expand::FarmNames names_;
    Value object_;
    std::string state_;
    Value value_;
    mutable std::uint32_t next_ = 0;
};

Remedy of_condition(const Model& model, const StateDemand& query) {
    const auto found_kind = std::find_if(model.kinds.begin(), model.kinds.end(),
                                         [&](const resolve::Kind& one) { return one.name == query.kind; });
    if (!query.condition || found_kind == model.kinds.end() || found_kind->objects.empty()) return {};
    const resolve::Kind& kind = *found_kind;
    std::set<std::string> states;
    program::for_each_part(*query.condition, [&](const Expr& part) {
        if (part.op == Expr::Op::state && part.args[0]->op == Expr::Op::local && part.args[0]->local == 0)
            states.insert(part.name);
    });
    for (const std::string& state : states) {
        Remedy found = remedy_of_state(model, kind.name, state, query.text, [&](const Value* value) {
            if (!value) return true;
            const Supposed env(model, Value::object(kind.objects.front()), state, *value);
            const Value truth = program::evaluate(*query.condition, env);
            return truth.is_unknown() || (truth.as_boolean() && *truth.as_boolean());
        });
        if (!found.names.empty()) return found;
    }
    return {};
}

// The remedy for a state that the condition reads and that no step of the plan sets.
Remedy of_unset(const Model& model, const graph::Facts& facts, const std::vector<graph::StateVariable>& read) {
    for (const graph::StateVariable variable : read) {
        const auto& sets = facts.sets.items;
        if (std::any_of(sets.begin(), sets.end(), [&](const graph::SetFact& set) { return set.variable == variable; }))
            continue;
        const ObjectId object = facts.variable_object[variable];
        const std::string& kind = model.kinds[facts.object_kind[object.index()]].name;
        const std::string& state = facts.state_names[facts.variable_attribute[variable]];
        Remedy found = remedy_of_state(model, kind, state, facts.object_name(object) + "." + state,
                                       [](const Value*) { return true; });
        if (!found.names.empty()) return found;
    }
    return {};
}

bool happens(const graph::Facts& facts, const EventDemand& query) {
    const graph::Index kind = facts.row_of_kind(query.kind);
    return std::any_of(facts.events.items.begin(), facts.events.items.end(), [&](const graph::EventFact& event) {
        return facts.verbs[event.verb] == query.verb && facts.object_kind[event.object.index()] == kind;
    });
}

}  // namespace

Remedy remedy_of_state(const Model& model, const std::string& kind, const std::string& state, const std::string& what,
                       const std::function<bool(const Value* value)>& suits) {
    Names actions;
    for (const resolve::Action& action : model.actions)
        for (const program::Action::Sets& set : action.compiled.sets)
            if (set.attribute == state && set.object && set.object->type == program::Type::object(kind) && set.value &&
                suits(set.value->op == Expr::Op::literal ? &set.value->value : nullptr)) {
                actions.push_back(action.compiled.name);
                break;
            }
    actions = forward(model, actions);
    std::string text = "`" + what + "` is brought about by " + text_of(actions);
    return of_actions(model, std::move(actions), std::move(text));
}

Remedy remedy(const Model& model, const graph::Facts& facts, const Requirement& requirement, const Decision& decision) {
    using enum Decision::Missing;
    if (decision.verdict == Verdict::vacuous) {
        for (const auto* side : {&requirement.demand.left, &requirement.demand.right})
            if (*side && !happens(facts, **side)) return of_event(model, **side);
        return {};
    }
    if (decision.lacks == left && requirement.demand.left) return of_event(model, *requirement.demand.left);
    if (decision.lacks == right && requirement.demand.right) return of_event(model, *requirement.demand.right);
    if (decision.lacks != state || !requirement.demand.state) return {};
    Remedy unset = of_unset(model, facts, decision.reads);
    return unset.names.empty() ? of_condition(model, *requirement.demand.state) : unset;
}

}  // namespace pvsplan::checks
