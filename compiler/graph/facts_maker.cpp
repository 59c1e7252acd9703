#include "compiler/graph/facts_maker.hpp"

namespace pvsplan::graph {

using program::Value;

// Names of states are shared by kinds: a condition asks by name, whatever the kind is.
void FactsMaker::kind(const std::string& name, const std::vector<State>& states, Observe observe) {
    std::vector<std::uint32_t>& names = names_of_kind_.emplace_back();
    std::vector<program::Type>& types = facts_.state_types.emplace_back();
    for (const State& state : states) {
        const auto [found, is_new] =
            state_names_.try_emplace(state.name, static_cast<std::uint32_t>(facts_.state_names.size()));
        if (is_new) facts_.state_names.push_back(state.name);
        names.push_back(found->second);
        types.push_back(state.type);
    }
    facts_.kinds.push_back(name);
    facts_.can_be_observed.push_back(observe == Observe::can);
    objects_of_kind_.emplace_back();
}

// The variables of an object are in a row, in the order of the states of its kind: Facts::variable_of() and type_of()
// rely on it. A state that is not known is an unknown of its own, not a missing one.
void FactsMaker::object(std::uint32_t kind, std::span<const Value> states) {
    const ObjectId object(facts_.object_kind.size());
    objects_of_kind_[kind].push_back(object);
    facts_.first_variable.push_back(static_cast<std::uint32_t>(facts_.variable_object.size()));
    facts_.object_kind.push_back(kind);
    for (std::size_t i = 0; i < names_of_kind_[kind].size(); ++i) {
        const auto variable = static_cast<StateVariable>(facts_.variable_object.size());
        const bool is_known = i < states.size() && !states[i].is_none();
        facts_.initial.push_back(value(is_known ? states[i] : Value::unknown(Value::Unknown::Type::state, variable)));
        facts_.variable_object.push_back(object);
        facts_.variable_attribute.push_back(names_of_kind_[kind][i]);
    }
}

// Rows by kind, once all are known; what they were gathered in is freed.
void FactsMaker::end_of_objects() {
    for (const std::vector<ObjectId>& objects : objects_of_kind_) {
        facts_.objects_of_kind.items.insert(facts_.objects_of_kind.items.end(), objects.begin(), objects.end());
        facts_.objects_of_kind.starts.push_back(static_cast<std::uint32_t>(facts_.objects_of_kind.items.size()));
    }
    objects_of_kind_ = {};
}

std::uint32_t FactsMaker::action(ActionFact action) {
    const auto index = static_cast<std::uint32_t>(facts_.actions.size());
    facts_.action_named.emplace(action.action->name, index);
    facts_.actions.push_back(action);
    return index;
}

void FactsMaker::event(const std::string& verb, ObjectId object) {
    const auto [found, is_new] = verbs_.try_emplace(verb, static_cast<std::uint32_t>(facts_.verbs.size()));
    if (is_new) facts_.verbs.push_back(verb);
    facts_.events.items.push_back({found->second, object});
}

// What is no state of the object was reported where it was written, and is left out.
void FactsMaker::set(ObjectId object, const std::string& state, const Value& to) {
    if (const auto variable = facts_.variable_of(object, state)) facts_.sets.items.push_back({*variable, value(to)});
}

// Ends the rows of the events and sets that were added since the node before.
void FactsMaker::node(const Node& node) {
    facts_.guard.push_back(node.guard);
    facts_.is_action.push_back(node.is_action);
    facts_.is_approval.push_back(node.is_approval);
    facts_.instance.push_back(node.instance);
    facts_.on.push_back(node.on);
    facts_.frame.push_back(node.frame);
    facts_.action.push_back(node.action);
    facts_.events.starts.push_back(static_cast<std::uint32_t>(facts_.events.items.size()));
    facts_.sets.starts.push_back(static_cast<std::uint32_t>(facts_.sets.items.size()));
}

// Equal values have one number, so that checks compare numbers.
ValueIndex FactsMaker::value(const Value& value) {
    if (!facts_.values.empty() && facts_.values[last_value_] == value) return last_value_;  // neighbours mostly set it
    const auto [found, is_new] = values_.try_emplace(value, static_cast<ValueIndex>(facts_.values.size()));
    if (is_new) facts_.values.push_back(value);
    return last_value_ = found->second;
}

}  // namespace pvsplan::graph
