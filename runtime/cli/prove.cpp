#include "runtime/cli/prove.hpp"

#include "runtime/state/env.hpp"

namespace pvsplan::cli {
namespace {

using graph::Progress;
using state::Decision;
using state::Phase;

// How far a step of an abandoned iteration is. One that was left out while it was under way may still be so.
Progress::NodeProgress progress_of_abandoned(const state::RunState& run, std::size_t node) {
    const state::NodeState& at = run.forward.nodes[node];
    if (!state::left_out_around(run.execution, run.forward, run.plan->graph.nodes[node].instance))
        return Progress::NodeProgress::last;
    const bool is_unseen = at.phase == Phase::failed && at.began && at.asks_first;
    return is_unseen ? Progress::NodeProgress::unseen : Progress::NodeProgress::left_out;
}

// A guard is asked before iterations that were abandoned: a step that is skipped in any case is so there as well. Every
// vector has one entry a node, in the order of the plan.
Progress progress_of(const state::RunState& run, const std::vector<program::NodeId>& may_have_happened) {
    Progress progress{.may_have_happened = may_have_happened};
    for (std::size_t i = 0; i < run.execution.size(); ++i) {
        const program::Node& node = run.plan->graph.nodes[i];
        Progress::NodeProgress stands = Progress::NodeProgress::remaining;
        if (run.forward.nodes[i].phase == Phase::finished)
            stands = Progress::NodeProgress::over;
        else if (node.guard && state::decision_of(run.execution, run.forward, node.guard) == Decision::fails)
            stands = Progress::NodeProgress::skipped;
        else if (state::abandoned_around(run.execution, run.forward, node.instance))
            stands = progress_of_abandoned(run, i);
        progress.nodes.push_back(stands);
        progress.recorded.push_back(
            {stands == Progress::NodeProgress::over ? run.forward.nodes[i].done_after : run.forward.nodes[i].started_as,
             run.forward.nodes[i].ended_as});
        progress.abandoned.push_back(state::abandoned_around(run.execution, run.forward, node.instance));
    }
    for (const Decision decision : run.forward.guards) progress.guard_holds.push_back(decision == Decision::holds);
    return progress;
}

// A step that is under way changes its states at some moment between now and its end: they begin as they were before
// it. (What a step that failed has left is not known, and stays so.)
program::Plan with_states(const state::RunState& run, const Progress& progress,
                          const std::vector<program::ObjectId>& away) {
    program::Plan plan = *run.plan;
    for (std::size_t i = 0; i < plan.objects.size(); ++i) plan.objects[i].state = run.farm[i];
    for (const program::ObjectId object : away) plan.objects[object.index()].state.clear();
    for (std::size_t i = 0; i < run.execution.size(); ++i) {
        const state::NodeState& at = run.forward.nodes[i];
        if (progress.nodes[i] != Progress::NodeProgress::remaining || !is_under_way(at.phase)) continue;
        for (const program::Setting& set : plan.graph.nodes[i].sets) {
            const auto object = at.before_attempt.find(set.object);
            if (object == at.before_attempt.end()) continue;
            if (const auto value = object->second.find(set.attribute); value != object->second.end())
                plan.objects[set.object.index()].state.try_emplace(set.attribute, value->second);
        }
    }
    return plan;
}

}  // namespace

// The checks of `validate`, begun where the run stands.
checks::Again prove_left(const state::RunState& run, const engine::Unknowns& unknown) {
    const Progress progress = progress_of(run, unknown.may_have_happened);
    const program::Plan plan = with_states(run, progress, unknown.away);
    state::RunEnv known(run);
    known.reads = state::RunEnv::Reads::no_state;  // states are for the checks to follow
    return checks::prove_again(plan, progress, known);
}

engine::ProveAgain proof_for_advice() {
    return [](const state::RunState& run, const engine::Unknowns& unknown) -> base::Status {
        checks::Again again = prove_left(run, unknown);
        if (again.broken.empty()) return base::Done{};
        return base::Error{"what is left cannot go on like this", std::move(again.broken)};
    };
}

}  // namespace pvsplan::cli
