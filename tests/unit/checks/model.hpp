// The compiled plan as the oracle sees it: small, flat, and read off program::Plan alone.
#pragma once

#include <cstdint>
#include <optional>
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
        std::size_t local;  // object * toy_states + state
        int value;
    };
    struct Node {
        std::string id;
        bool is_action = false;  // else it is over as soon as what it waits for is
        NodeSet before = 0;
        std::uint32_t guards = 0;   // variables that must all be true
        std::uint32_t refused = 0;  // variables that must all be false
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
    std::vector<Instance> instances;
    std::vector<Object> objects;
    std::vector<std::optional<int>> initial;  // by state variable

    [[nodiscard]] bool is_there(std::size_t node, std::uint32_t truths) const {
        return (nodes[node].guards & ~truths) == 0 && (nodes[node].refused & truths) == 0;
    }
    // Whether the conditions can turn out so: some exclude each other.
    [[nodiscard]] bool can_be(std::uint32_t truths) const;
    [[nodiscard]] NodeSet all() const { return nodes.size() == 32 ? ~0U : (1U << nodes.size()) - 1; }
};

// Nothing if the plan has more nodes than a NodeSet has room for.
std::optional<Model> model_of(const program::Plan& plan);

}  // namespace pvsplan::test
