#include <algorithm>
#include <utility>

#include "runtime/engine/back_to.hpp"
#include "runtime/engine/lease.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/state/env.hpp"
#include "runtime/state/rollback_program.hpp"

namespace pvsplan::engine {
namespace {

using program::NodeId;
using state::Phase;

// Whether the guard is known to fail: what it asks was written into it when the rollback was derived.
bool surely_fails(const state::RollbackProgram& rollback, program::GuardId guard) {
    for (; guard; guard = rollback.guards[guard.index()].parent) {
        const program::ExprPtr& condition = rollback.guards[guard.index()].condition;
        const bool* known = condition->op == program::Expr::Op::literal ? condition->value.as_boolean() : nullptr;
        if (known && !*known) return true;
    }
    return false;
}

bool is_left(const state::RollbackProgram& rollback, std::size_t node) {
    const program::GuardId guard = rollback.graph.nodes[node].guard;
    const bool is_skipped =
        guard && state::decision_of(rollback.execution, rollback.state, guard) == state::Decision::fails;
    return rollback.state.nodes[node].phase != Phase::finished && !is_skipped && !surely_fails(rollback, guard);
}

// The part of the graph that is left. What waited for a node that is not in it waits for what that waited for.
// Edges come sorted by target and point forward, so one pass sees each node after all that it waits for.
program::Graph left_of(const state::RollbackProgram& rollback) {
    const program::Graph& whole = rollback.graph;
    std::vector<std::vector<NodeId>> stands_for(whole.nodes.size());  // by node of the whole: those that are left
    program::Graph left;
    std::size_t edge = 0;
    for (std::size_t i = 0; i < whole.nodes.size(); ++i) {
        std::vector<NodeId> before;
        for (; edge < whole.edges.size() && whole.edges[edge].to.index() == i; ++edge) {
            const std::vector<NodeId>& from = stands_for[whole.edges[edge].from.index()];
            before.insert(before.end(), from.begin(), from.end());
        }
        std::sort(before.begin(), before.end());
        before.erase(std::unique(before.begin(), before.end()), before.end());
        if (!is_left(rollback, i)) {
            stands_for[i] = std::move(before);
            continue;
        }
        const NodeId id(left.nodes.size());
        left.nodes.push_back(whole.nodes[i]);
        for (const NodeId from : before) left.edges.push_back({.from = from, .to = id});
        stands_for[i] = {id};
    }
    return left;
}

}  // namespace

base::Result<RollbackPreview> preview_rollback(const ports::Runs& runs, const std::string& run,
                                               const std::string& back_to) {
    base::Result<LoadedRun> loaded = load(runs, run);
    if (!loaded) return std::move(loaded).error();
    if (std::string why = fault_of_back_to(loaded->row, *loaded->state, back_to); !why.empty())
        return base::Error{std::move(why)};
    const state::RunState& state = *loaded->state;
    const bool goes_further = goes_further_back(loaded->row, state, back_to);
    // What has begun is shown as it stands; otherwise it is derived as the run would derive it now, and thrown away.
    std::unique_ptr<state::RollbackProgram> derived;
    if (goes_further || !state.back) {
        const std::uint64_t otherwise = goes_further ? 0 : state.back_to_as;
        derived = state::derive_rollback(state, back_to.empty() ? otherwise : state::began_as(state, back_to));
    }
    const state::RollbackProgram& rollback = derived ? *derived : *state.back;
    RollbackPreview preview{.graph = left_of(rollback),
                            .guards = rollback.guards,
                            .no_return = rollback.no_return,
                            .has_begun = state.is_rolling_back(),
                            .back_to = back_to.empty() && !goes_further ? state.back_to : back_to,
                            .stays = rollback.stays};
    return preview;
}

}  // namespace pvsplan::engine
