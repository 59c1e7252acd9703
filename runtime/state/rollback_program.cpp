#include "runtime/state/rollback_program.hpp"

#include "runtime/state/env.hpp"

namespace pvsplan::state {

namespace {

// A step that was never started, and that a person said was done, has its place in the order by when that was said.
program::NodeHistory history_of(const NodeState& at) {
    const bool is_over = at.ended_as != 0 && !is_under_way(at.phase);
    return {.has_effect = at.phase == Phase::finished || at.began,
            .start = at.started_as != 0 ? at.started_as : at.ended_as,
            .end = is_over ? at.ended_as : program::NodeHistory::never,
            .left = at.left_as != 0 ? at.left_as : program::NodeHistory::never};
}

// A rollback that goes further back is derived anew. What the first one had done is carried over by path, so that
// nothing is undone twice.
void carry_over(const RollbackProgram& before, RollbackProgram& back) {
    for (const auto& [path, node] : before.execution.by_path)
        if (const auto same = back.execution.by_path.find(path);
            same != back.execution.by_path.end() && before.graph.nodes[node.index()].type != program::Node::Type::join)
            back.state.nodes[same->second.index()] = before.state.nodes[node.index()];
    for (const auto& [step, guard] : before.execution.guard_by_step)
        if (const auto same = back.execution.guard_by_step.find(step); same != back.execution.guard_by_step.end())
            back.state.guards[same->second.index()] = before.state.guards[guard.index()];
}

}  // namespace

// Conditions on how far the run got are decided now and for good; those on states stay open, and are asked when the
// rollback comes there.
std::unique_ptr<RollbackProgram> derive_rollback(const RunState& run, std::uint64_t back_to) {
    std::vector<program::NodeHistory> histories;
    for (const NodeState& at : run.forward.nodes) histories.push_back(history_of(at));
    RunEnv known(run);
    known.reads = RunEnv::Reads::no_state;
    auto back = std::make_unique<RollbackProgram>();
    static_cast<program::RollbackProgram&>(*back) = program::rollback_of(*run.plan, histories, known, back_to);
    back->back_to = back_to;
    back->execution = execution_graph_of(*run.plan, back->graph, back->guards);
    back->state.nodes.resize(back->graph.nodes.size());
    back->state.guards.resize(back->guards.size());
    if (run.back) carry_over(*run.back, *back);
    return back;
}

std::unique_ptr<RollbackProgram> derive_rollback(const RunState& run) { return derive_rollback(run, run.back_to_as); }

// The first record by which the step, or anything within the group, began; 0: none did.
std::uint64_t began_as(const RunState& run, std::string_view step) {
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < run.execution.size(); ++i) {
        if (!is_within(run.execution.node(program::NodeId(i)).id, step)) continue;
        const std::uint64_t start = history_of(run.forward.nodes[i]).start;
        if (start != 0 && (first == 0 || start < first)) first = start;
    }
    return first;
}

}  // namespace pvsplan::state
