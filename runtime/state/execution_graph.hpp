// What the engine runs: the plan's own graph, or the rollback program derived from it. Plain views and indices.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/program/plan.hpp"

namespace pvsplan::state {

// Nodes, edges, guards and iterations of one program. The plan and the graph outlive it.
struct ExecutionGraph {
    const program::Plan* plan = nullptr;
    const program::Graph* graph = nullptr;
    const std::vector<program::Guard>* guards = nullptr;
    const std::vector<program::Instance>* instances = nullptr;

    // Indices, filled by index().
    std::vector<std::uint32_t> first_out;  // node -> first of its outgoing edges in `out`; one more than nodes
    std::vector<program::NodeId> out;      // targets, grouped by source
    std::vector<std::uint32_t> in_count;   // node -> number of incoming edges
    std::vector<std::uint32_t> first_in;   // likewise for incoming
    std::vector<program::NodeId> in;
    std::unordered_map<std::string_view, program::NodeId> by_path;
    std::unordered_map<std::string_view, program::GuardId> guard_by_step;
    std::unordered_map<std::string_view, program::InstanceId> iteration_by_path;
    std::vector<std::vector<program::NodeId>> of_instance;  // innermost iteration -> its nodes
    std::vector<std::vector<program::InstanceId>> instance_children;

    [[nodiscard]] std::size_t size() const { return graph->nodes.size(); }
    [[nodiscard]] const program::Node& node(program::NodeId id) const { return graph->nodes[id.index()]; }
    // Null: the plan has no such action, as of an approval or a join.
    [[nodiscard]] const program::Action* action(const program::Node& node) const;
};

// The graph of the plan itself, and of a program that was derived from it. A rollback has no iterations: what is undone
// is never abandoned.
ExecutionGraph execution_graph_of(const program::Plan& plan);
ExecutionGraph execution_graph_of(const program::Plan& plan, const program::Graph& graph,
                                  const std::vector<program::Guard>& guards);

}  // namespace pvsplan::state
