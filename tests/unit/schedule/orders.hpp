// Small orders: as the compiler has them, and as a table of who comes before whom, worked out independently of it.
#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::schedule::test {

using graph::Facts;
using graph::Index;
using graph::no_index;

struct Order {
    Index size = 0;
    std::vector<std::pair<Index, Index>> edges;  // from the smaller to the larger

    [[nodiscard]] Facts facts() const {
        Facts facts;
        std::vector<std::set<Index>> after(size), before(size);
        for (const auto& [from, to] : edges) {
            after[from].insert(to);
            before[to].insert(from);
        }
        for (Index v = 0; v < size; ++v) {
            facts.successors.items.insert(facts.successors.items.end(), after[v].begin(), after[v].end());
            facts.predecessors.items.insert(facts.predecessors.items.end(), before[v].begin(), before[v].end());
            facts.successors.starts.push_back(static_cast<std::uint32_t>(facts.successors.items.size()));
            facts.predecessors.starts.push_back(static_cast<std::uint32_t>(facts.predecessors.items.size()));
            facts.guard.push_back(graph::no_guard);
            facts.instance.push_back(no_index);
            facts.is_action.push_back(true);
        }
        return facts;
    }
    // before[a][b]: some path leads from a to b.
    [[nodiscard]] std::vector<std::vector<bool>> before() const {
        std::vector<std::vector<bool>> table(size, std::vector<bool>(size, false));
        for (const auto& [from, to] : edges) table[from][to] = true;
        for (Index through = 0; through < size; ++through)
            for (Index a = 0; a < size; ++a)
                for (Index b = 0; b < size; ++b)
                    if (table[a][through] && table[through][b]) table[a][b] = true;
        return table;
    }
};

// All orders of so many nodes.
template <class See>
void for_each_order(Index size, const See& see) {
    std::vector<std::pair<Index, Index>> possible;
    for (Index a = 0; a < size; ++a)
        for (Index b = a + 1; b < size; ++b) possible.emplace_back(a, b);
    for (std::uint32_t bits = 0; bits < (1U << possible.size()); ++bits) {
        Order order{.size = size, .edges = {}};
        for (std::size_t i = 0; i < possible.size(); ++i)
            if ((bits >> i & 1U) != 0) order.edges.push_back(possible[i]);
        see(order);
    }
}

inline std::uint32_t below(std::mt19937& random, std::uint32_t end) {
    return static_cast<std::uint32_t>(random() % end);
}

inline Order random_order(std::mt19937& random, Index size, std::uint32_t percent) {
    Order order{.size = size, .edges = {}};
    for (Index a = 0; a < size; ++a)
        for (Index b = a + 1; b < size; ++b)
            if (below(random, 100) < percent) order.edges.emplace_back(a, b);
    return order;
}

inline std::vector<Index> chosen(std::uint32_t bits, Index size) {
    std::vector<Index> nodes;
    for (Index v = 0; v < size; ++v)
        if ((bits >> v & 1U) != 0) nodes.push_back(v);
    return nodes;
}

}  // namespace pvsplan::schedule::test
