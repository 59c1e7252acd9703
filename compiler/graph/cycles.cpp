#include "compiler/graph/cycles.hpp"

#include <algorithm>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/strong_components.hpp>
#include <boost/range/iterator_range.hpp>
#include <deque>

namespace pvsplan::graph {
namespace {

using Graph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                                 boost::no_property, std::uint32_t, std::uint32_t>;

constexpr std::uint32_t unseen = 0xffffffffU;

// Breadth first from `root` within its component, so that the first edge back to it closes a shortest cycle.
// `came_from` is all `unseen` before and after: clearing only what was touched keeps the whole linear.
std::vector<std::uint32_t> shortest_cycle(const Graph& graph, const std::vector<std::uint32_t>& component,
                                          std::uint32_t root, std::vector<std::uint32_t>& came_from) {
    std::vector<std::uint32_t> touched;
    std::deque<std::uint32_t> queue = {root};
    std::vector<std::uint32_t> cycle;
    while (!queue.empty() && cycle.empty()) {
        const std::uint32_t at = queue.front();
        queue.pop_front();
        for (const auto to : boost::make_iterator_range(boost::adjacent_vertices(at, graph))) {
            if (component[to] != component[root]) continue;
            if (to == root) {
                for (std::uint32_t step = at; step != root; step = came_from[step]) cycle.push_back(step);
                cycle.push_back(root);
                std::reverse(cycle.begin(), cycle.end());
                break;
            }
            if (came_from[to] != unseen) continue;
            came_from[to] = at;
            touched.push_back(to);
            queue.push_back(to);
        }
    }
    for (const std::uint32_t node : touched) came_from[node] = unseen;
    return cycle;
}

}  // namespace

// A component has a cycle if it has two nodes, or one with an edge to itself. Walking the nodes by number makes each
// root the smallest of its component.
std::vector<std::vector<std::uint32_t>> find_cycles(std::uint32_t nodes,
                                                    const std::vector<std::pair<std::uint32_t, std::uint32_t>>& edges) {
    const Graph graph(boost::edges_are_unsorted_multi_pass, edges.begin(), edges.end(), nodes);
    std::vector<std::uint32_t> component(nodes);
    const auto index = boost::get(boost::vertex_index, graph);
    const std::uint32_t count =
        boost::strong_components(graph, boost::make_iterator_property_map(component.begin(), index));
    std::vector<std::uint32_t> size(count, 0);
    for (const std::uint32_t c : component) ++size[c];
    std::vector<bool> has_cycle(count);
    for (std::uint32_t c = 0; c < count; ++c) has_cycle[c] = size[c] > 1;
    for (const auto& [from, to] : edges)
        if (from == to) has_cycle[component[from]] = true;
    std::vector<std::vector<std::uint32_t>> cycles;
    std::vector<std::uint32_t> came_from(nodes, unseen);
    for (std::uint32_t node = 0; node < nodes; ++node) {
        if (!has_cycle[component[node]]) continue;
        has_cycle[component[node]] = false;
        cycles.push_back(shortest_cycle(graph, component, node, came_from));
    }
    return cycles;
}

}  // namespace pvsplan::graph
