// The compiled plan: plain data, the only thing that a run executes, and the one thing that both halves know.
// Shapes and JSON names follow the format `pvsplan.compiled/1` (see codec.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/boxed.hpp"
#include "compiler/program/expr.hpp"
#include "compiler/program/people.hpp"
#include "compiler/program/requirement.hpp"
#include "compiler/program/value.hpp"
#include "compiler/program/window.hpp"

namespace pvsplan::program {

using NodeId = base::Id<struct NodeTag>;    // index into Graph::nodes
using GuardId = base::Id<struct GuardTag>;  // index into Plan::guards
using InstanceId = base::Id<struct InstanceTag>;

// Where something stands in a file, for people: it decides nothing, and is no part of the digest.
struct Place {
    std::string file;  // relative to the project root, or "stdlib/…"
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    friend bool operator==(const Place&, const Place&) = default;
};

// An attribute or a state of a kind; without a default each object says it.
struct Attribute {
    std::string name;
    Type type;
    std::optional<Value> default_value;
};

// A command. `text` is a script that receives values as data, never spliced in.
struct Body {
    enum class Type : std::uint8_t { none, powershell, command, sql, manual, wait };
    Type type = Type::none;
    std::string text;                // powershell, sql
    std::vector<ExprPtr> arguments;  // command: whole arguments; manual: one text
    ExprPtr until;                   // wait
    std::int64_t every_ms = 0;       // wait
    std::int64_t at_most_ms = 0;     // wait
};

// What objects of a kind are and can be in, and how that is observed.
struct Kind {
    std::string name;
    std::string plural;  // how farms and expressions name a list of them
    std::vector<Attribute> attributes;
    std::vector<Attribute> state;
    Body observe;  // Type::none: this kind cannot be observed
    Place source;
};

// What a step does to an object, as requirements count it.
struct Event {
    std::string verb;
    ObjectId object;
    friend bool operator==(const Event&, const Event&) = default;
};

// How often a step that failed is tried again, and after which pause.
struct Retry {
    std::uint32_t times = 0;  // further attempts after the first
    std::int64_t delay_ms = 0;
};

// Expressions of an action read its frame: variable 0 is `on`, variables 1 … are its parameters in order.
struct Action {
    std::string name;  // "pvs.server.install"
    std::string summary;
    std::string on_kind;  // empty: works on no object
    struct Parameter {
        std::string name;
        Type type;
    };
    std::vector<Parameter> parameters;
    ExprPtr precondition;  // `requires`; null: always
    struct DoneTo {
        std::string verb;
        ExprPtr object;
    };
    std::vector<DoneTo> does;  // events, on objects that are found when it is called
    struct Sets {
        ExprPtr object;
        std::string attribute;
        ExprPtr value;
    };
    std::vector<Sets> sets;  // states that it changes
    Body run;
    ExprPtr at;  // whose connection runs it; null: `on`
    std::vector<std::int64_t> exit_codes = {0};
    std::map<std::string, ExprPtr> outputs;
    std::map<std::string, Type> output_types;
    bool repeatable = false;
    std::int64_t takes_ms = 0;  // how long it usually takes, as its author says; 0: nothing was said
    Place source;
};

// Whether what it sets depends on states from before it.
[[nodiscard]] bool reads_before(const Action& action);

// An object of the farm. Its index in the plan is its id there.
struct Object {
    std::string id;  // "server/pvs01"
    std::string kind;
    std::string name;
    std::map<std::string, Value> attributes;
    std::map<std::string, Value> state;  // what is expected before the run; absent: not known
    // `over` and what that transport wants (user, password, port, …). The compiler always says `over`.
    std::map<std::string, Value> connect;
    Place source;
};

// What becomes of the run when a step fails for good.
enum class OnFailure : std::uint8_t { halt, rollback, carry_on };

struct Setting {  // a state that a node sets
    ObjectId object;
    std::string attribute;
    ExprPtr value;  // usually a literal
};

struct Node;
// `from` is over before `to` starts. Of several reasons for it the most explicit one.
struct Edge {
    NodeId from;
    NodeId to;
    enum class Because : std::uint8_t { sequence, after, at_most, data };
    Because because = Because::sequence;
    Place source;
};

// Nodes in topological order; nodes that the DAG leaves unordered stand in the order of the source.
struct Graph {
    std::vector<Node> nodes;
    std::vector<Edge> edges;  // by (to, from)
};

// A run-time `when`, decided once, when the first of its nodes could start; holds only if its parent holds.
struct Guard {
    std::string step;  // path of the step that carries it
    ExprPtr condition;
    GuardId parent;
    Place source;
};

// What undoes a node, as its action says; a `recover` around it goes before.
struct Undo {
    enum class Type : std::uint8_t { steps, nothing, impossible };
    Type type = Type::nothing;
    std::string why;            // nothing, impossible
    Graph steps;                // they may read `before.…` of the undone node
    std::vector<Guard> guards;  // of `steps`
};

// The event on an object that an operator approved: the event of a bare `approve` with `on`.
inline constexpr std::string_view approve_verb = "approve";

// The treatment of a command that has not ended within its timeout.
enum class AtTimeout : std::uint8_t {
    doubt,  // it goes on, the step is in doubt, and an operator decides
    kill,   // it is ended with all that it started, and the step has failed
};

// An instance of a step. Events and settings are written out, so that whoever reads a plan needs no expression to see
// what it changes.
struct Node {
    enum class Type : std::uint8_t { action, approval, join };
    std::string id;  // its path: "rest[pvs02].stop"
    Type type = Type::action;
    std::string action;         // key of Plan::actions
    ObjectId on;                // may be none
    std::vector<ExprPtr> with;  // by parameter of the action
    GuardId guard;              // none: always runs
    std::vector<Event> does;
    std::vector<Setting> sets;
    std::string text;                  // approval: what to look at
    base::Boxed<Approvers> approvers;  // approval: who may; none: whoever the plan lets
    std::string summary;
    std::int64_t timeout_ms = 0;  // 0: none
    AtTimeout at_timeout = AtTimeout::doubt;
    Retry retry;
    OnFailure on_failure = OnFailure::halt;
    InstanceId instance;  // the innermost iteration of a loop around it
    WindowId window;      // of an action: when it may start; none: at any time
    Undo undo;
    Place source;
};

// An iteration of a `for_each`.
struct Instance {
    std::string path;                // "rest[pvs02]"
    std::string loop;                // "rest"
    std::uint32_t max_failures = 0;  // of its loop, by `on_failure: continue`; 0 without that
    InstanceId parent;               // the iteration that encloses it
};

// A step that is not in the graph because of the states before the run: it is done already.
struct LeftOut {
    std::string step;  // path: "rest[pvs02]"
    std::string why;   // "pvs02.version is 2402"
};

// `recover` of a group: a program of its own that undoes the covered nodes, in place of their `undo`.
struct RecoverSteps {
    std::string group;           // path; empty: the whole plan
    std::vector<NodeId> covers;  // ascending
    Graph steps;
    std::vector<Guard> guards;  // of `steps`; conditions may ask done(…), started(…), failed(…)
    Place source;
};

// All of it. Names are keys of maps, so that the encoding has one order; nodes, guards and the like go by number.
struct Plan {
    std::string name;
    std::string summary;
    std::string farm;
    bool is_protected = false;
    std::string store;     // `store` of the farm, as written; empty: it does not say
    std::string digest;    // "sha256:…" of what will happen: approvals and runs hang on it
    std::string checksum;  // "sha256:…" of all of the text with this field empty
    std::map<std::string, Value> parameters;
    std::map<std::string, Type> parameter_types;
    std::map<std::string, Kind> kinds;
    std::map<std::string, Action> actions;
    std::vector<Object> objects;
    Graph graph;
    std::vector<Guard> guards;
    std::vector<Instance> instances;
    std::vector<Window> windows;  // those around another come before it
    std::vector<LeftOut> left_out;
    std::vector<RecoverSteps> recoveries;  // outer before inner
    OnFailure on_failure = OnFailure::halt;
    std::vector<std::string> approvers;
    std::vector<Notify> notify;  // those of the farm before those of the plan
    std::vector<Requirement> requirements;
    // Where secrets come from, by name: {"env", NAME}, {"file", PATH} or {"command", words…}. Never the secrets.
    std::map<std::string, std::vector<std::string>> secrets;
    std::map<std::string, std::string> inputs;  // path -> sha256 of every file that was read
};

// The object and attribute names of a plan, for printing values.
class PlanNames final : public ObjectNames {
  public:
    explicit PlanNames(const Plan& plan) : plan_(&plan) {}
    [[nodiscard]] std::string_view name(ObjectId id) const override { return plan_->objects.at(id.index()).name; }
    [[nodiscard]] std::string id_text(ObjectId id) const override { return plan_->objects.at(id.index()).id; }

  private:
    const Plan* plan_;
};

}  // namespace pvsplan::program
