// The compiled plan as the oracle sees it: small, flat, and read off program::Plan alone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "tests/unit/checks/toy.hpp"

namespace pvsplan::test {

using NodeSet = std::uint32_t;  // bit n: node n

struct Model {
    struct Event {
        std::string verb;
        std::size_t object;
    };
    struct Set {
        std::size_t local;                                   // object * toy_states + state
        int value;                                           // where `variable` is true, or there is none
        std::optional<std::size_t> variable = std::nullopt;  // else the other value, where that is false
    };
    struct Condition {
        std::size_t variable;
        bool wanted = true;
    };
    struct Node {
        std::string id;
        bool is_action = false;  // else it is over as soon as what it waits for is
        NodeSet before = 0;
        std::vector<Condition> conditions;  // the outermost first: they are decided in this order
        std::vector<std::size_t> reads;  // variables that have to be decided when it starts: values of its parameters
        int instance = -1;
        std::vector<Event> events;
        std::vector<Set> sets;
        std::optional<std::size_t> need_local;
        int need_value = 0;
    };
    struct Instance {
        std::size_t loop;  // of its enclosing instance: the same loop in another one is another
        int parent;
        std::uint32_t max_failures;
    };
    struct Object {
        std::string kind;
        std::string name;
        std::string site;
    };
    std::vector<Node> nodes;
    std::uint32_t variables = 0;
    std::vector<std::string> variable_texts;
    std::map<std::string, Condition> by_text;  // conditions as they are written
    std::vector<Instance> instances;
    std::vector<Object> objects;
    std::vector<std::optional<int>> initial;  // by state variable

    // Bit v: the variable v is true; bit max_variables + v: it cannot be decided, as an output that it reads is not
    // there.
    using Truths = std::uint32_t;
    static constexpr std::uint32_t max_variables = 16;
    // All ways in which the conditions can turn out.
    std::set<Truths> possible;
    bool sees_none = false;  // in some of them a condition reads an output of a step that was skipped

    enum class There : std::uint8_t { yes, skipped, refused };  // refused: it fails where its turn comes
    [[nodiscard]] There there(std::size_t node, Truths truths) const;
    [[nodiscard]] bool is_there(std::size_t node, Truths truths) const { return there(node, truths) == There::yes; }
    [[nodiscard]] bool can_be(Truths truths) const { return possible.contains(truths); }
    // Whether each step can tell whether it runs, and with what, whenever its turn comes.
    [[nodiscard]] bool is_always_decided() const;
    // Whether a state depends on an output: verdicts may be `undecided` then.
    [[nodiscard]] bool sets_outputs() const;
    [[nodiscard]] NodeSet all() const { return nodes.size() == 32 ? ~0U : (1U << nodes.size()) - 1; }
};

// Nothing if the plan has more nodes than a NodeSet has room for, or too many outputs to try all their values.
std::optional<Model> model_of(const program::Plan& plan);

}  // namespace pvsplan::test
