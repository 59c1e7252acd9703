// An expanded plan: an instance of each step for each iteration of its loops, with the order that the plan asks for.
// Flat arrays of small records: a million nodes take a few hundred bytes each.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/base/rows.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/program/plan.hpp"
#include "compiler/program/unknowns.hpp"
#include "compiler/resolve/model.hpp"

namespace pvsplan::expand {

using program::ObjectId;
using program::Value;

inline constexpr std::uint32_t none = 0xffffffffU;

// The scope of an instance: its step, the element of its loop, and the scope around it. Root: parent == none, no step.
struct Scope {
    const resolve::Step* step = nullptr;
    std::uint32_t parent = none;
    std::uint32_t element = none;  // an object, or is_value | index into `values`
    static constexpr std::uint32_t is_value = 1U << 31U;
};

// An instance: of an action, an approval, or a join, which does nothing and stands for an order alone.
struct Node {
    program::Node::Type type = program::Node::Type::action;
    // The `approve:` of a step that also does something else; its path is that of the step with ":approve".
    enum class Part : std::uint8_t { itself, approval } part = Part::itself;
    std::uint32_t scope = none;
    ObjectId on;
    std::uint32_t content =
        0;                    // row of `frames`: an action's arguments; an approval's text, and the objects it is about
    std::uint32_t terms = 0;  // index into `terms`
};

// The terms on which a node runs; neighbours mostly share them.
struct Terms {
    std::uint32_t guard = none;
    std::uint32_t instance = none;  // the innermost iteration with `on_failure: continue`
    program::OnFailure on_failure = program::OnFailure::halt;
    program::WindowId window;
    friend bool operator==(const Terms&, const Terms&) = default;
};

// Why an edge is there, and the text that asks for it.
struct Origin {
    program::Edge::Because because = program::Edge::Because::sequence;
    base::Span span;
};

// `from` is over before `to` begins.
struct Edge {
    std::uint32_t from;
    std::uint32_t to;
    std::uint32_t origin;
};

// A run-time `when`.
struct Guard {
    program::ExprPtr condition;  // over run-time facts only
    std::uint32_t variable = 0;  // equal conditions share one
    bool value = true;           // the condition is met if the variable has this value
    std::uint32_t parent = none;
    std::uint32_t scope = none;
    base::Span span;
};

struct Loop {             // with `on_failure: continue`
    std::uint32_t scope;  // of the loop's parent; the step gives its name
    const resolve::Step* step;
    std::uint32_t max_failures;
};
// An iteration of such a loop; `parent`: the iteration around it, if any.
struct Instance {
    std::uint32_t loop;
    std::uint32_t parent;
    std::uint32_t scope;
};

// An instance of a step that is left out because of the states before the run.
struct LeftOut {
    std::string path;  // "rest[pvs02]"
    std::string why;   // "pvs02.version is 2402"; empty: the loop would not go over it in any state
    const resolve::Step* step = nullptr;
};

// Conditions of steps that read states which no step changes before them, by the path of the step.
struct KnownWhen {
    std::optional<bool> holds;   // none: something else decides about it, too
    program::ExprPtr condition;  // with the states in it
    std::string why;
};
using KnownWhens = std::map<std::string, KnownWhen>;

// Siblings whose outcome a `recover` can read, innermost first.
struct Siblings {
    const resolve::Block* block;
    std::uint32_t scope;
};

// A group, procedure or plan with `recover`, and the nodes that it covers.
struct RecoverBlock {
    const resolve::Block* block;
    std::uint32_t scope;
    std::uint32_t first_node;
    std::uint32_t end_node;
    std::vector<Value> locals;
    std::vector<Siblings> siblings;
    base::Span span;
};

// Where to report two nodes without an order, or with the wrong one: at the step that would wait, in the block that
// holds both steps; for two iterations of a loop, at its `at_most`.
struct FoundBetween {
    diag::Place place = base::Span();
    std::string way_out;  // "let `b` wait for `a`" in names that are valid there; empty if there are none
    std::optional<diag::StepPair> steps = {};  // of the plan; none: two iterations of a loop
};

// Indices between these rows are plain numbers; `none` where there is nothing. Edges are moved out by graph/,
// everything else stays as it is from then on.
struct Expansion {
    std::vector<Scope> scopes;
    std::vector<Node> nodes;
    std::vector<Terms> terms;
    std::vector<Edge> edges;
    std::vector<Origin> origins;
    base::Rows<Value> frames;
    std::vector<Value> values;  // elements of loops that are not objects
    std::vector<Guard> guards;
    std::uint32_t guard_variables = 0;
    std::vector<Loop> loops;
    std::vector<Instance> instances;
    std::vector<program::Window> windows;
    std::vector<RecoverBlock> recoveries;
    std::vector<LeftOut> left_out;
    std::vector<Value> on;  // by node, of an undo that is left open: what it works on, an object or unknown
    std::shared_ptr<program::Unknowns> unknowns = std::make_shared<program::Unknowns>();
    std::uint32_t root = 0;   // the scope around this whole expansion
    std::string path_prefix;  // "first:recover", "rest[pvs02].stop:undo"; before every path below `root`

    // Copies a scope of `other` and those around it, so that what stands below keeps its path; the copy of the scope.
    std::uint32_t copy_scopes(const Expansion& other, std::uint32_t scope);

    [[nodiscard]] std::string path_of_scope(std::uint32_t scope, const resolve::Model& model) const;
    [[nodiscard]] std::string path(std::uint32_t node, const resolve::Model& model) const;
    // Where to report a finding about an instance: its step, and the steps around it.
    [[nodiscard]] diag::Place finding_at(std::uint32_t node, const resolve::Model& model) const;
    // Where to report a finding inside the steps of a scope (in a module that they call, say).
    [[nodiscard]] diag::Place finding_in(std::uint32_t scope, base::Span seen, const resolve::Model& model) const;
    [[nodiscard]] FoundBetween found_between(std::uint32_t earlier, std::uint32_t later,
                                             const resolve::Model& model) const;
    // The place of the `on_failure: continue` that applies to the node; nowhere if there is none.
    [[nodiscard]] diag::Place finding_on_failure(std::uint32_t node, const resolve::Model& model) const;
    // The objects of the approval, if the node is one.
    [[nodiscard]] std::span<const Value> approved(const Node& node) const;
};

// Where a finding stands that was seen at `seen` while the scope was expanded.
using FindingPlace = std::function<diag::Place(base::Span seen, std::uint32_t scope)>;

// Names of the farm's objects for printing values.
class FarmNames final : public program::ObjectNames {
  public:
    explicit FarmNames(const resolve::Model& model) : model_(&model) {}
    [[nodiscard]] std::string_view name(ObjectId id) const override { return model_->farm.objects[id.index()].name; }
    [[nodiscard]] std::string id_text(ObjectId id) const override {
        const resolve::Object& object = model_->farm.objects[id.index()];
        return model_->kinds[object.kind.index()].name + "/" + object.name;
    }
    [[nodiscard]] std::string unknown_text(Value::Unknown of) const override {
        return of.type == Value::Unknown::Type::parameter ? model_->parameters.at(of.number).name
                                                          : ObjectNames::unknown_text(of);
    }

  private:
    const resolve::Model* model_;
};

}  // namespace pvsplan::expand
