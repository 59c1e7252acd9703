// Cycles in a graph that should have none. The only part that sees Boost.Graph.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace pvsplan::graph {

// For each strongly connected component with a cycle: a shortest cycle through its smallest node, which comes first.
// Components are sorted by their smallest node. `edges` are (from, to); O(nodes + edges), and one breadth-first search
// for each component.
std::vector<std::vector<std::uint32_t>> find_cycles(std::uint32_t nodes,
                                                    const std::vector<std::pair<std::uint32_t, std::uint32_t>>& edges);

}  // namespace pvsplan::graph
