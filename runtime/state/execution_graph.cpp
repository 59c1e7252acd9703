#include "runtime/state/execution_graph.hpp"

#include "compiler/base/check.hpp"

namespace pvsplan::state {

using program::NodeId;

namespace {

const std::vector<program::Instance> no_instances;

// Edges are sorted by counting, once by source and once by target: time linear in them, and each list is one range of
// one array.
void index_edges(ExecutionGraph& execution) {
    const std::size_t n = execution.size();
    execution.first_out.assign(n + 1, 0);
    execution.first_in.assign(n + 1, 0);
    execution.in_count.assign(n, 0);
    for (const auto& edge : execution.graph->edges) {
        base::check(edge.from.index() < n && edge.to.index() < n, "an edge of a plan leads nowhere");
        ++execution.first_out[edge.from.index() + 1];
        ++execution.first_in[edge.to.index() + 1];
        ++execution.in_count[edge.to.index()];
    }
    for (std::size_t i = 0; i < n; ++i) {
        execution.first_out[i + 1] += execution.first_out[i];
        execution.first_in[i + 1] += execution.first_in[i];
    }
    execution.out.resize(execution.graph->edges.size());
    execution.in.resize(execution.graph->edges.size());
    auto next_out = execution.first_out;
    auto next_in = execution.first_in;
    for (const auto& edge : execution.graph->edges) {
        execution.out[next_out[edge.from.index()]++] = edge.to;
        execution.in[next_in[edge.to.index()]++] = edge.from;
    }
}

// By path, since records and people name steps so; the journal has no numbers of nodes.
void index_names(ExecutionGraph& execution) {
    execution.by_path.reserve(execution.size());
    execution.of_instance.resize(execution.instances->size());
    execution.instance_children.resize(execution.instances->size());
    for (std::size_t i = 0; i < execution.size(); ++i) {
        const auto& node = execution.graph->nodes[i];
        execution.by_path.emplace(node.id, NodeId(i));
        if (node.instance) execution.of_instance.at(node.instance.index()).push_back(NodeId(i));
    }
    for (std::size_t i = 0; i < execution.guards->size(); ++i)
        execution.guard_by_step.emplace((*execution.guards)[i].step, program::GuardId(i));
    for (std::size_t i = 0; i < execution.instances->size(); ++i)
        execution.iteration_by_path.emplace((*execution.instances)[i].path, program::InstanceId(i));
    for (std::size_t i = 0; i < execution.instances->size(); ++i)
        if (const auto parent = (*execution.instances)[i].parent)
            execution.instance_children.at(parent.index()).push_back(program::InstanceId(i));
}

ExecutionGraph indexed(ExecutionGraph execution) {
    index_edges(execution);
    index_names(execution);
    return execution;
}

}  // namespace

// Null where a compiled plan from elsewhere names an action that it does not have.
const program::Action* ExecutionGraph::action(const program::Node& node) const {
    const auto found = plan->actions.find(node.action);
    return found == plan->actions.end() ? nullptr : &found->second;
}

ExecutionGraph execution_graph_of(const program::Plan& plan) {
    return indexed({.plan = &plan, .graph = &plan.graph, .guards = &plan.guards, .instances = &plan.instances});
}

// A rollback has guards of its own and no iterations: nothing in it is abandoned.
ExecutionGraph execution_graph_of(const program::Plan& plan, const program::Graph& graph,
                                  const std::vector<program::Guard>& guards) {
    return indexed({.plan = &plan, .graph = &graph, .guards = &guards, .instances = &no_instances});
}

}  // namespace pvsplan::state
