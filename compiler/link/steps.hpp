// Links instances to the compiled plan: what an expansion and its order say, as nodes, edges and conditions of a
// program.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/env.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/graph/order.hpp"
#include "compiler/program/open_undo.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::link {

// `node_of` by Index, rows and origins as graph::order() made them (`rows` may have been moved to facts).
struct Ordered {
    const expand::Expansion& expansion;
    const std::vector<std::uint32_t>& node_of;
    const graph::Rows<graph::Index>& predecessors;
    const std::vector<std::uint32_t>& origins;
};

// File, line and column, as a compiled plan keeps them; nothing of what is nowhere.
program::Place place_of(const base::Sources& sources, base::Span span);

// What a step does and sets follows from its action and its arguments: plans that are only compared go without.
enum class Effects : std::uint8_t { said, left_out };

// It holds nothing of a plan and never changes, so that one serves every node.
class Linker {
  public:
    // All must outlive it.
    Linker(const resolve::Model& model, const base::Sources& sources, Effects effects = Effects::said);

    // The nodes have no undo yet.
    [[nodiscard]] program::Graph graph(const Ordered& ordered) const;
    // By GuardId, as the expansion numbers them.
    [[nodiscard]] std::vector<program::Guard> guards(const expand::Expansion& expansion) const;

    // Steps that undo, and where they and their conditions stand in the source.
    struct Steps {
        program::Graph graph;
        std::vector<program::Guard> guards;
        std::vector<base::Span> places;        // by node
        std::vector<base::Span> guard_places;  // by guard
    };
    // The steps of the undo of a node of the plan, an action. Errors in its text are reported.
    [[nodiscard]] Steps undo_steps(const expand::Expansion& plan, const expand::Node& node, const std::string& path,
                                   diag::Sink& sink) const;
    // The undo of an action before it stands for a step; nothing if what there is to do depends on the step.
    [[nodiscard]] std::optional<program::OpenUndo> open_undo(resolve::ActionId action) const;
    // Such an undo for a node of the plan: its steps are the same as undo_steps(), made in less time. Nothing if it
    // cannot be: undo_steps() says why.
    [[nodiscard]] std::optional<program::Undo> close(const program::OpenUndo& open, const expand::Expansion& plan,
                                                     const expand::Node& node, const std::string& path) const;

    // The undo of a node of the plan in the cheapest way; `opened` keeps what can be shared, by action.
    using Opened = std::map<resolve::ActionId, std::optional<program::OpenUndo>>;
    [[nodiscard]] program::Undo undo(const expand::Expansion& plan, const expand::Node& node, const std::string& path,
                                     Opened& opened, diag::Sink& sink) const;

    // The steps of a `recover`, without what they cover.
    struct Recovery {
        program::RecoverSteps steps;
        std::vector<base::Span> places;
        std::vector<base::Span> guard_places;
    };
    [[nodiscard]] Recovery recovery(const expand::Expansion& plan, const expand::RecoverBlock& block,
                                    diag::Sink& sink) const;

  private:
    // The steps of an undo or of a `recover` in their order; nothing if they wait for each other, which is reported.
    [[nodiscard]] Steps linked(expand::Expansion expansion, diag::Sink& sink) const;
    [[nodiscard]] graph::Order ordered(expand::Expansion& expansion, diag::Sink& sink) const;
    [[nodiscard]] program::Node node(const expand::Expansion& expansion, std::uint32_t index) const;
    // Fills in the name and summary of its action, its time limit and its retries.
    void say_action(program::Node& node, const resolve::Step& step) const;
    // Fills in its arguments, and what it does and sets unless that is left out.
    void say_effects(program::Node& node, const resolve::Action& action, const program::Value& on,
                     std::span<const program::Value> arguments, const expand::Expansion& expansion) const;

    const resolve::Model& model_;
    const base::Sources& sources_;
    Effects effects_;
    std::map<std::string_view, const resolve::Action*> action_named_;
};

}  // namespace pvsplan::link
