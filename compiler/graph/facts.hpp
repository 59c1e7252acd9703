// The ordered plan as the checks see it: a DAG and the facts about its nodes. It is sized for a million nodes: flat
// arrays, indexed by dense ids, no allocation per node.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/rows.hpp"
#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/graph/guard_domain.hpp"
#include "compiler/program/budget.hpp"
#include "compiler/program/expr.hpp"
#include "compiler/program/plan.hpp"
#include "compiler/program/unknowns.hpp"

namespace pvsplan::graph {

using program::ObjectId;
using Index = std::uint32_t;  // of a node; nodes are numbered in a topological order
inline constexpr Index no_index = 0xffffffffU;

using base::Column;
using base::Rows;

// A state variable: a state attribute of an object. Dense over all (object, state attribute of its kind).
using StateVariable = std::uint32_t;
// An interned value: index into Facts::values.
using ValueIndex = std::uint32_t;
// A guard: a run-time condition. Index into Facts::guards.
using GuardIndex = std::uint32_t;
inline constexpr GuardIndex no_guard = 0xffffffffU;

struct EventFact {
    std::uint32_t verb;  // index into Facts::verbs
    ObjectId object;
};

struct SetFact {
    StateVariable variable;
    ValueIndex value;  // may be an Unknown value
};

// A precondition of a node: an expression of its action, over the node's frame (local 0 is Facts::on[node], locals 1 …
// are Facts::frames[Facts::frame[node]]). Apart from state variables, only parameters and outputs in it can be unknown.
// It is not specialised for each node: an expression takes hundreds of bytes, and a million nodes share a handful of
// them.
struct RequireFact {
    Index node;
    base::Span span;
    const program::Expr* condition;
};

// An action that the steps of the plan, or what undoes them, can call; with its places in the source, where there is
// one.
struct ActionFact {
    const program::Action* action = nullptr;
    program::Undo::Type undo = program::Undo::Type::nothing;
    std::string why_undo = {};  // why there is nothing to undo, or why that is impossible
    base::Span place = {};      // of its name
    base::Span requires_place = {};
    base::Span undo_place = {};
};

// A guard holds if `variable` is `value` and its parent holds; a node runs if its guard holds. Guards with the same
// condition over the same facts share a variable.
struct GuardFact {
    std::uint32_t variable;
    bool value = true;
    GuardIndex parent = no_guard;
    std::string text;                 // the condition, for people
    program::ExprPtr condition = {};  // for the check of what it reads (races)
    base::Span place = {};
};

// An iteration of a loop with `on_failure: continue`.
struct LoopInstance {
    std::uint32_t loop;    // index into Facts::loops
    std::uint32_t parent;  // iteration of a loop around it, or no_index
};
struct LoopFact {
    std::string path;
    std::uint32_t max_failures;
};

// Filled by FactsMaker and, apart from it, by `build` and `remaining`; constant for the checks, but for the budget.
struct Facts {
    // The order. successors and predecessors are ascending; `because` is parallel to predecessors.items.
    Rows<Index> successors;
    Rows<Index> predecessors;

    // By node.
    Rows<EventFact> events;
    Rows<SetFact> sets;
    Column<GuardIndex> guard;
    std::vector<bool> is_action;  // it can fail; joins and approvals cannot
    std::vector<bool> is_approval;
    Column<std::uint32_t> instance;     // innermost LoopInstance, or no_index
    std::vector<std::uint32_t> action;  // index into `actions`, or no_index: it runs none, or has run
    std::vector<ObjectId> on;           // the object that the node works on, or none
    std::vector<std::uint32_t> frame;   // row of `frames`: its action's parameters
    Rows<program::Value> frames;        // arguments, a row for each list of them

    std::vector<ActionFact> actions;
    std::map<std::string_view, std::uint32_t> action_named;  // by name: index into `actions`

    std::vector<GuardFact> guards;
    std::uint32_t guard_variables = 0;  // how many there are
    GuardDomain guard_domain;           // which of them can hold together
    std::vector<LoopInstance> instances;
    std::vector<LoopFact> loops;  // with `on_failure: continue`

    // Objects, state variables and values.
    std::vector<std::string> verbs;  // of events
    std::vector<program::Value> values;
    std::vector<ValueIndex> initial;                      // by state variable; an Unknown value if not known
    std::vector<ObjectId> variable_object;                // by state variable
    std::vector<std::uint32_t> variable_attribute;        // by state variable: index into state_names
    std::vector<std::string> state_names;                 // of attributes
    std::vector<std::uint32_t> first_variable;            // by object; the state variables of an object are consecutive
    std::vector<std::uint32_t> object_kind;               // by object
    std::vector<std::string> kinds;                       // their names
    std::vector<std::vector<program::Type>> state_types;  // by kind, in the order of the states of its objects
    std::vector<bool> can_be_observed;                    // by kind: after a crash its states can be looked at
    Rows<ObjectId> objects_of_kind;                       // by kind, in the farm's order

    std::set<std::pair<std::string, std::string>> left_out_events;  // verb and kind, of steps that are done already

    mutable program::Budget budget;  // of all checks together
    std::shared_ptr<program::Unknowns> unknowns = std::make_shared<program::Unknowns>();

    // For messages; called for a handful of nodes only.
    std::function<std::string(Index)> path;  // "rest[pvs02].stop"
    std::function<base::Span(Index)> place;  // of the step in the source
    // Where to report a finding about a node; about two nodes without an order, or with the wrong one, with a hint in
    // names that are valid at that place; and about nodes that go on after its failure.
    std::function<diag::Place(Index)> finding_at;
    std::function<diag::Place(Index, base::Span)> finding_in;  // a place inside of what the node calls
    struct Between {
        diag::Place place = base::Span();
        std::string way_out;
        std::optional<diag::StepPair> steps = {};
    };
    std::function<Between(Index earlier, Index later)> found_between;
    std::function<diag::Place(Index)> finding_on_failure;
    std::function<std::string(ObjectId)> object_name;                       // "server/pvs01"
    std::function<program::Value(ObjectId, const std::string&)> attribute;  // fixed facts
    std::shared_ptr<program::ListIndex> list_index;                         // over them
    std::function<std::string(program::Value::Unknown)> unknown_text;  // of one that has a name: "parameter `version`"

    [[nodiscard]] Index size() const { return static_cast<Index>(guard.size()); }
    [[nodiscard]] std::optional<StateVariable> variable_of(ObjectId object, std::string_view state) const {
        for (StateVariable variable = first_variable[object.index()];
             variable < variable_object.size() && variable_object[variable] == object; ++variable)
            if (state_names[variable_attribute[variable]] == state) return variable;
        return std::nullopt;
    }
    [[nodiscard]] const program::Type& type_of(StateVariable variable) const {
        const std::uint32_t object = variable_object[variable].value;
        return state_types[object_kind[object]][variable - first_variable[object]];
    }
    // What a node requires, if anything.
    [[nodiscard]] std::optional<RequireFact> requires_of(Index node) const {
        if (action[node] == no_index) return std::nullopt;
        const ActionFact& of = actions[action[node]];
        if (!of.action->precondition) return std::nullopt;
        return RequireFact{node, of.requires_place, of.action->precondition.get()};
    }
    // "the state `stream` of `server/pvs02`"
    [[nodiscard]] std::string state_text(StateVariable variable) const {
        return "the state `" + state_names[variable_attribute[variable]] + "` of `" +
               object_name(variable_object[variable]) + "`";
    }
    // The row of a kind, or no_index; and its objects, if any.
    [[nodiscard]] Index row_of_kind(std::string_view kind) const {
        for (Index row = 0; row < kinds.size(); ++row)
            if (kinds[row] == kind) return row;
        return no_index;
    }
    [[nodiscard]] std::span<const ObjectId> objects_of(std::string_view kind) const {
        const Index row = row_of_kind(kind);
        return row == no_index ? std::span<const ObjectId>() : objects_of_kind[row];
    }
    // Whether others may go on after a failure in this iteration.
    [[nodiscard]] bool may_be_abandoned(std::uint32_t of) const { return loops[instances[of].loop].max_failures > 0; }
    [[nodiscard]] bool is_in(Index node, std::uint32_t of) const {
        for (std::uint32_t i = instance[node]; i != no_index; i = instances[i].parent)
            if (i == of) return true;
        return false;
    }
};

}  // namespace pvsplan::graph
