// What the order of a compiled plan means for people: which steps may overlap, and the longest chain.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "compiler/base/rows.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::view {

// For each node those that it waits for at once.
base::Rows<std::uint32_t> predecessors_of(const program::Graph& graph);

inline constexpr std::size_t max_compared = 10'000;
// Which nodes may run at the same time. Two bits for each pair: only for plans of at most `max_compared` nodes. Made
// once for a plan and asked any number of times.
class Overlaps {
  public:
    explicit Overlaps(const base::Rows<std::uint32_t>& predecessors);
    // The nodes that may run at the same time as one of these, ascending; of these themselves those that may run at the
    // same time as another one.
    [[nodiscard]] std::vector<std::uint32_t> with(std::span<const std::uint32_t> nodes) const;

  private:
    using Bits = std::vector<std::uint64_t>;
    std::vector<Bits> ordered_;  // row n: every node that comes before or after n, and n
};

// By node, in one unit.
using Times = std::vector<std::int64_t>;
// When each node begins: as early as what it waits for allows, but not before its `earliest`, which may be empty.
// `lengths` has one for each node, in the unit of the result. Edges are sorted by their target.
Times earliest_begins(const program::Graph& graph, const Times& lengths, Times earliest = {});
// 0 where there is none.
std::int64_t last_end(const Times& begins, const Times& lengths);

// The critical path: the chain of nodes, each waiting for the one before, with the greatest sum of weights. In its
// order, joins included; empty for a plan without nodes.
std::vector<std::uint32_t> longest_chain(const program::Graph& graph,
                                         const std::function<std::int64_t(std::uint32_t)>& weight);

// "2, 4-7". `ascending` holds no number twice.
std::string ranges(const std::vector<std::uint32_t>& ascending);

// "1h 20m", "45s", "3 days": at most two units.
std::string duration_for_people(std::int64_t milliseconds);

}  // namespace pvsplan::view
