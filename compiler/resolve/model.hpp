// Everything that a plan stands on, with names resolved and expressions typed: kinds, predicates, actions, procedures,
// the farm, the plan's steps and the requirements. What could not be resolved is an error value: a null expression, a
// none id.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/base/boxed.hpp"
#include "compiler/base/id.hpp"
#include "compiler/base/source.hpp"
#include "compiler/program/expr.hpp"
#include "compiler/program/list_index.hpp"
#include "compiler/program/plan.hpp"
#include "compiler/program/requirement.hpp"
#include "compiler/resolve/uses.hpp"
#include "compiler/syntax/ast.hpp"
#include "grammar/transports.hpp"

namespace pvsplan::resolve {

using program::ExprPtr;
using program::ObjectId;
using program::Type;
using program::Value;
using KindId = base::Id<struct KindTag>;
using ActionId = base::Id<struct ActionTag>;
using ProcedureId = base::Id<struct ProcedureTag>;

struct Attribute {
    std::string name;
    Type type;
    std::optional<Value> default_value;
    bool is_required = false;  // an attribute without a default that a farm must give
    base::Span span;
    std::string summary = {};
};

struct Kind {
    std::string name;
    std::string plural;
    std::string module;
    std::vector<Attribute> attributes;
    std::vector<Attribute> state;
    program::Body observe;
    std::vector<std::string> identity;  // attributes by which two objects are one thing, `name` may be among them
    std::vector<ObjectId> objects;      // in the farm's order
    std::vector<ObjectId> by_name;      // the same by their names
    Value all;                          // the same as a list value
    Type type;                          // of one of them
    base::Span span;
    base::Span plural_span;
    std::string summary = {};

    [[nodiscard]] const Attribute* attribute(std::string_view name) const;
    [[nodiscard]] const Attribute* state_attribute(std::string_view name) const;
    [[nodiscard]] std::optional<std::size_t> attribute_index(std::string_view name) const;
    [[nodiscard]] std::optional<std::size_t> state_index(std::string_view name) const;
};

// Written out wherever it is used, so that nothing past this folder knows one.
struct Predicate {
    std::string name;
    KindId kind;
    ExprPtr condition;  // over variable 0
    base::Span span;
};

// A parameter of an action, a procedure or a plan. A call needs an argument where there is no default.
struct Parameter {
    std::string name;
    Type type;
    std::optional<Value> default_value;
    ExprPtr default_expr = nullptr;  // of a plan: over the parameters before it, the farm and the states before the run
    base::Span span;
    std::string summary = {};
};

// The step that `after`, `steps.X.out` or `done(X)` names: `up` scopes out, then the sibling with that index.
struct StepRef {
    std::uint32_t up = 0;
    std::uint32_t index = 0;
    base::Span span;
    friend bool operator==(const StepRef& a, const StepRef& b) { return a.up == b.up && a.index == b.index; }
};

// The order that a step asks for: `after` or data.
struct Wait {
    StepRef ref;
    program::Edge::Because because = program::Edge::Because::after;
};

struct Step;

// Siblings. A block of a definition (plan, procedure, undo, recover) has its own frame; nested blocks share it.
struct Block {
    bool is_ordered = true;
    std::vector<Step> steps;
};

// How long a command may take, and what becomes of it then.
struct Timeout {
    std::int64_t after_ms = 0;  // 0: as long as it likes
    program::AtTimeout then = program::AtTimeout::doubt;
};

// A step of a module that stands for the only object of a kind, on a farm that has none or several.
struct Refused {
    KindId kind;
    std::string callee;  // the action or procedure that has the step
    base::Span span;
};

// What a person is asked before the step, and who may say yes.
struct Approval {
    ExprPtr text;
    program::Approvers approvers;
};

// `for_each`, with what says how many iterations may run at once.
struct ForEach {
    std::uint32_t local = 0;
    ExprPtr list;  // null: it is no list, which was reported
    base::Span span;
    ExprPtr at_most;          // null: all at once
    ExprPtr at_most_per;      // null: of all together; else so many of each value
    base::Span at_most_span;  // nowhere if it is not written
};

// What becomes of the run when a step fails.
struct AtFailure {
    std::optional<program::OnFailure> choice;  // none: what holds around it
    base::Span span;
    std::optional<std::int64_t> max_failures;
};

// What few steps have is boxed: a plan that is written out has a hundred thousand of them.
struct Step {
    enum class Type : std::uint8_t { error, action, procedure, group, approval };
    Type type = Type::error;
    bool has_id = false;    // `id` is written
    bool is_named = false;  // a sibling, or a step inside of one, refers to it by `after` or data
    std::string id;         // unique among siblings; made up where the source has none
    ActionId action;
    ProcedureId procedure;
    ExprPtr on;                  // null: no object; of an approval also a list of objects
    std::vector<ExprPtr> with;   // by parameter of the callee
    std::vector<StepRef> after;  // as they are written
    std::vector<StepRef> reads;  // steps whose outputs are read by any expression of this step
    base::Boxed<ForEach> for_each;
    ExprPtr when;
    base::Boxed<Approval> approve;      // for an approval: itself
    base::Boxed<Timeout> timeout;       // none: the action's own
    base::Boxed<program::Retry> retry;  // none: the action's own
    base::Boxed<syntax::WindowText> window;
    base::Boxed<AtFailure> on_failure;  // none: what holds around it
    Block block;                        // group
    base::Boxed<Block> recover;
    base::Boxed<std::vector<Wait>> inside_waits;  // for what steps of its block wait that is outside of it, if any
    base::Boxed<Refused> refused;                 // an error value, reported only where it is called
    base::Boxed<std::string> summary;
    base::Span span;  // the whole mapping
    base::Span head;  // what to underline: the id or the `do`
};

struct Undo {
    program::Undo::Type type = program::Undo::Type::nothing;
    std::string why;
    Block steps;  // over the action's frame
    base::Span span;
};

struct Action {
    program::Action compiled;  // expressions over variable 0 = on, variable i+1 = parameter i
    KindId on;
    bool on_is_error = false;  // it works on something of a kind that is unknown
    std::vector<Parameter> parameters;
    bool are_parameters_lost = false;  // they could not be read
    std::vector<base::Span> does_spans;
    std::vector<base::Span> sets_spans;
    Undo undo;
    Timeout timeout;
    bool has_command = true;      // not a person, nor a wait: a `timeout` bounds it
    bool runs_a_process = false;  // as its body says: a command or PowerShell
    program::Retry retry;
    std::uint32_t locals = 1;  // size of the frame, with loop variables of `undo`
    base::Span span;           // of its name
    base::Span module_span;    // of the name of its module
    std::map<std::string, base::Span> output_spans;
    base::Span requires_span;
};

// Written out wherever it is called (expand/). None calls itself, also not through others: a model where one does has
// errors and is not expanded.
struct Procedure {
    std::string name;
    std::string summary;
    KindId on;
    bool on_is_error = false;
    std::vector<Parameter> parameters;
    bool are_parameters_lost = false;
    Block block;
    std::optional<Block> recover;
    std::uint32_t locals = 1;
    base::Span span;
    base::Span module_span;
};

// Its values are columns of Farm::values, from `values` on: attributes first, then states. A farm may have a hundred
// thousand objects, so that they own nothing but their names.
struct Object {
    std::string name;
    KindId kind;
    std::uint32_t values = 0;   // where its values begin in Farm::values
    std::uint32_t connect = 0;  // index into Farm::connects
    base::Span span;
};

// How objects are reached, as the farm says it.
struct Connect {
    std::map<std::string, Value> values;            // `over` and what the transport takes
    const grammar::Transport* transport = nullptr;  // null: nothing was said, or nothing that is right
    base::Span span;                                // what says it: the value of `over`
    [[nodiscard]] bool is_simulated() const { return !transport || transport->name == "simulated"; }
};

struct Farm {
    std::string name;
    bool is_known = false;  // it was read without an error; else what it lacks is a consequence of that
    bool is_protected = false;
    std::string store;                     // as written; empty: it does not say
    std::vector<Object> objects;           // by ObjectId
    std::vector<Value> values;             // of each object by Kind::attributes, then by Kind::state (none: not known)
    std::vector<Connect> connects = {{}};  // the first: nothing was said
    std::map<std::string, std::vector<std::string>> secrets;  // name -> {env|file|command, words…}
    std::map<std::string, base::Span> secret_spans;           // of those that the farm names
    base::Span span;
};

// Filled by resolve() in the order of definitions, constant afterwards. Ids are indices into `kinds`, `actions`,
// `procedures` and `farm.objects`.
struct Model {
    std::string plan;
    std::string summary;
    std::vector<Kind> kinds;
    std::map<std::string, KindId> kind_by_name;  // index into `kinds`
    // Deques: references to definitions stay valid while others are added.
    std::deque<Action> actions;  // of all modules; addresses stay as it grows
    std::deque<Procedure> procedures;
    // Filled with both; the first of a name.
    std::unordered_map<std::string, ActionId> action_by_name;  // the first of each name
    std::unordered_map<std::string, ProcedureId> procedure_by_name;
    std::vector<Predicate> predicates;
    Farm farm;
    std::shared_ptr<program::ListIndex> list_index = std::make_shared<program::ListIndex>();
    std::vector<Parameter> parameters;  // of the plan: variable i+1
    std::vector<Value> arguments;       // by parameter: given, default, or Unknown(i)
    Block block;
    std::optional<Block> recover;
    std::uint32_t locals = 1;
    program::OnFailure on_failure = program::OnFailure::halt;
    std::optional<syntax::WindowText> window;
    std::vector<std::string> approvers;
    std::vector<program::Notify> notify;  // those of the farm before those of the plan
    std::vector<program::Requirement> requirements;
    std::vector<program::RequirementPlaces> requirement_places;  // parallel to requirements
    std::vector<base::Span> literal_secrets;  // texts where only the name of a secret may stand: never quoted
    base::Span plan_span;
    std::vector<base::Span> matches_nothing;  // comparisons that were reported as true of no object
    std::map<std::string, base::Span> verbs;  // where an event is named first
    std::optional<Uses> uses;                 // if somebody wants them

    // Costs nothing where nobody asked for uses.
    void note_use(Use::Of of, std::string_view name, base::Span place, base::Span definition,
                  Use::By by = Use::By::name) {
        if (uses) uses->add(of, name, place, definition, by);
    }

    // In logarithmic time; the first of those that have the name.
    [[nodiscard]] std::optional<ObjectId> object_named(const Kind& kind, std::string_view name) const;
    // Values of an object of the farm, by Kind::attributes and by Kind::state.
    [[nodiscard]] std::span<Value> attributes_of(const Object& object);
    [[nodiscard]] std::span<const Value> attributes_of(const Object& object) const;
    [[nodiscard]] std::span<Value> state_of(const Object& object);
    [[nodiscard]] std::span<const Value> state_of(const Object& object) const;
};

// What a value of that type may be called: enumerators, objects of the farm by name, `true` and `false`; nothing where
// nobody can list them.
std::vector<std::string> names_of_values(const Model& model, const program::Type& type);

}  // namespace pvsplan::resolve
