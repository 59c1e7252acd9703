// A module made for random plans: every state has two values, so that what a state may be is two bits.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvsplan::test {

extern const char* const toy_module;

// The two values of a state by its name; 0 or 1 of a value as text. Both kinds have at most two states.
std::optional<int> toy_value(std::string_view text);
int toy_state(std::string_view name);  // 0: stream, schema; 1: fresh
inline constexpr int toy_states = 2;

// The precondition of an action on `on`, if any: written down here independently of the compiler.
struct ToyNeed {
    int state;
    int value;
};
std::optional<ToyNeed> toy_need(std::string_view action);
// The effects of an action or procedure on nodes, by its name without `toy.`.
std::vector<std::string> toy_verbs(std::string_view call);

// Predicates over the two states of a node, also spelled as `node n with …`.
struct ToyPredicate {
    std::string_view name;
    std::string_view with;  // over `s`
    bool (*holds)(int stream, int fresh);
};
const std::vector<ToyPredicate>& toy_predicates();

}  // namespace pvsplan::test
