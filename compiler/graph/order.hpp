// The order of an expansion: its edges as rows, its nodes numbered topologically.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/graph/facts.hpp"

namespace pvsplan::graph {

struct Order {
    // By Index: the node of the expansion. The numbering is the lexicographically smallest topological order: where the
    // DAG leaves a choice, the order of the source decides.
    std::vector<std::uint32_t> node;
    Rows<Index> predecessors;
    Rows<Index> successors;
    std::vector<std::uint32_t> origin;  // parallel to predecessors.items: index into Expansion::origins
    bool is_acyclic = true;
};

// Reports every set of steps that wait for each other, with the origin of each edge of a shortest cycle.
Order order(expand::Expansion& expansion, const std::function<std::string(std::uint32_t)>& path_of_node,
            diag::Sink& sink);

}  // namespace pvsplan::graph
