// Whether the `undo` of a step restores the state before it.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "compiler/checks/rollback_walk.hpp"
#include "compiler/schedule/reach.hpp"

namespace pvsplan::checks {

class UndoCheck {
  public:
    explicit UndoCheck(RollbackWalk& walk) : walk_(walk), facts_(walk.facts) {}

    // For the present node, an action that no `recover` covers and whose undo is not impossible.
    void look_at(graph::Index node);
    // When all nodes have been looked at: no undo may run concurrently with that of a step that changes what it reads.
    void check_concurrent();

  private:
    using Reads = std::set<graph::StateVariable>;
    // Findings about one action and one state (by name), or about whether its undo can run, are said once.
    static constexpr std::uint32_t can_run = 0;
    [[nodiscard]] bool is_new(graph::Index node, std::uint32_t about) {
        return said_.insert({facts_.action[node], about}).second;
    }

    // Before the node; what may have been left otherwise by an abandoned iteration is in doubt.
    [[nodiscard]] AbstractState state_at(graph::Index node) const;
    [[nodiscard]] std::vector<program::Value> frame_of(graph::Index node) const;
    [[nodiscard]] diag::Place place_of_undo(graph::Index node) const;

    [[nodiscard]] bool can_run_after(graph::Index node, const AbstractRun& back, bool came_through);
    // Adds to `reads` what the undo of a failed step reads beyond that of one that is done.
    void check_failures(graph::Index node, const AbstractState& before, Reads& reads);
    bool undoes_failure(graph::Index node, const AbstractState& before, const PartialEffects::Effect& effect,
                        Reads& reads);
    void report_failure(graph::Index node, const std::string& why, base::Span required);
    void note_neighbours(graph::Index node, const Reads& reads);

    bool compare(graph::Index node, graph::StateVariable variable, const program::Value& before,
                 const program::Value& after, bool is_uncertain);
    void report_not_restored(graph::Index node, graph::StateVariable variable, const program::Value& before,
                             const program::Value& after, bool is_uncertain);

    RollbackWalk& walk_;
    const graph::Facts& facts_;
    struct Neighbours {
        schedule::Pair order;
        graph::Index node;  // the one whose undo reads the variable
        graph::StateVariable variable;
    };
    std::vector<Neighbours> neighbours_;
    std::set<std::pair<std::uint32_t, std::uint32_t>> said_;
    std::set<std::uint32_t> failures_said_;  // by action
};

}  // namespace pvsplan::checks
