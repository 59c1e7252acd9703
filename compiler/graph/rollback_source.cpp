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
    rollback.before = {};
    auto edge = graph.edges.begin();  // they are sorted by where they lead
    for (std::uint32_t node = 0; node < graph.nodes.size(); ++node) {
        for (; edge != graph.edges.end() && edge->to.value == node; ++edge)
            rollback.before.items.push_back(edge->from.value);
        rollback.before.starts.push_back(static_cast<std::uint32_t>(rollback.before.items.size()));
    }
}

}  // namespace pvsplan::graph
