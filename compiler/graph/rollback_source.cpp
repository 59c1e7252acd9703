#include "compiler/graph/rollback_source.hpp"

#include <algorithm>

namespace pvsplan::graph {

void fill_in_what_follows(const Facts& facts, Rollback& rollback) {
    const program::Graph& graph = rollback.program.graph;
    rollback.actions.clear();
    for (const program::Node& node : graph.nodes)
        rollback.actions.push_back(node.type == program::Node::Type::action ? facts.action_named.at(node.action)
                                                                            : no_index);
    std::vector<bool> follows(graph.nodes.size(), false);
    for (const program::Edge& edge : graph.edges)
        if (edge.from.index() + 1 == edge.to.index()) follows[edge.to.index()] = true;
    rollback.is_chain =
        follows.empty() || std::all_of(follows.begin() + 1, follows.end(), [](bool one) { return one; });
}

}  // namespace pvsplan::graph
