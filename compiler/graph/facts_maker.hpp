// Makes facts: the one place that numbers kinds, objects, states, values, events and nodes. Whoever feeds it says what
// there is, in order: the instances of a plan (build.hpp), or a compiled plan of which a part has run (remaining.hpp).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::graph {

// It only appends. The order, guards, loops and callbacks of the facts are for the caller to fill.
class FactsMaker {
  public:
    explicit FactsMaker(Facts& facts) : facts_(facts) {}

    struct State {
        std::string name;
        program::Type type;
    };
    // Kinds come before objects, and objects before what nodes do. Of a kind that can be observed the states can be
    // looked at.
    enum class Observe : std::uint8_t { never, can };
    void kind(const std::string& name, const std::vector<State>& states, Observe observe);
    // An object of the kind in that row; a state that is none is not known.
    void object(std::uint32_t kind, std::span<const program::Value> states);
    void end_of_objects();

    std::uint32_t action(ActionFact action);

    // What the present node does and sets; a state that the kind of the object does not have is left out.
    void event(const std::string& verb, ObjectId object);
    void set(ObjectId object, const std::string& state, const program::Value& value);

    struct Node {
        GuardIndex guard = no_guard;
        bool is_action = false;
        bool is_approval = false;
        std::uint32_t instance = no_index;
        ObjectId on;
        std::uint32_t frame = 0;
        std::uint32_t action = no_index;
    };
    // Ends the present node.
    void node(const Node& node);

  private:
    // Its index in Facts::values; equal values share one.
    ValueIndex value(const program::Value& value);

    Facts& facts_;
    std::unordered_map<program::Value, ValueIndex, program::Value::Hash> values_;
    ValueIndex last_value_ = 0;
    std::map<std::string, std::uint32_t> state_names_;
    std::vector<std::vector<std::uint32_t>> names_of_kind_;
    std::vector<std::vector<ObjectId>> objects_of_kind_;
    std::map<std::string, std::uint32_t> verbs_;
};

}  // namespace pvsplan::graph
