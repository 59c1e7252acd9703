#include "compiler/checks/partial_effects.hpp"

#include <algorithm>

namespace pvsplan::checks {

using graph::StateVariable;
using program::Value;

// All values of a state whose type is finite; empty for any other.
std::vector<Value> PartialEffects::values_of(StateVariable variable) const {
    const program::Type& type = facts_.type_of(variable);
    std::vector<Value> all;
    if (type.category == program::Type::Category::boolean) all = {Value::boolean(false), Value::boolean(true)};
    if (type.category == program::Type::Category::enumeration)
        for (const std::string& one : type.names) all.push_back(Value::enumerator(one));
    return all;
}

// What a failed change may have left besides the old and the new value. Of an infinite type one unknown stands for all.
std::vector<Value> PartialEffects::others_than(const graph::SetFact& set) const {
    std::vector<Value> all = values_of(set.variable);
    if (all.empty()) return {any_value(set.variable)};
    std::erase(all, facts_.values[set.value]);
    return all;
}

// First each part of the changes, then other values for all of them at once. What comes down to the state before is
// left out: the step has then done nothing.
std::optional<std::vector<PartialEffects::Effect>> PartialEffects::of(graph::Index node, const AbstractState& before,
                                                                      const std::set<StateVariable>& touched) const {
    static constexpr std::size_t max_touched = 6;
    const auto sets = facts_.sets[node];
    std::vector<std::size_t> choices;  // indices of the sets of touched variables
    for (std::size_t s = 0; s < sets.size(); ++s)
        if (touched.contains(sets[s].variable)) choices.push_back(s);
    // Each state that the undo reads doubles the number of parts; the caller tells that they were not tried.
    if (choices.size() > max_touched) return std::nullopt;
    std::vector<Effect> all;
    const auto add = [&](Effect effect) {
        const bool is_nothing = std::all_of(effect.begin(), effect.end(),
                                            [&](const auto& one) { return one.second == before.at(one.first); });
        if (!is_nothing) all.push_back(std::move(effect));
    };
    // Bit i: the i-th choice has its new value. All bits set is the full effect, which has been looked at. States that
    // the undo does not read cannot change what it does, and have their new value.
    for (std::uint32_t there = 0; there + 1 < (1U << choices.size()); ++there) {
        Effect effect;
        for (std::size_t s = 0; s < sets.size(); ++s) {
            const auto choice = std::find(choices.begin(), choices.end(), s);
            const bool is_left = choice != choices.end() && (there >> (choice - choices.begin()) & 1U) == 0;
            effect.emplace_back(sets[s].variable, is_left ? before.at(sets[s].variable) : facts_.values[sets[s].value]);
        }
        add(std::move(effect));
    }
    std::size_t most = 0;
    for (const std::size_t s : choices) most = std::max(most, others_than(sets[s]).size());
    for (std::size_t k = 0; k < most; ++k) {
        Effect effect;
        for (const graph::SetFact& set : sets) {
            const std::vector<Value> others = others_than(set);
            effect.emplace_back(set.variable, others.empty() ? facts_.values[set.value] : others[k % others.size()]);
        }
        add(std::move(effect));
    }
    return all;
}

}  // namespace pvsplan::checks
