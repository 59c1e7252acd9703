// What the order of a compiled plan means for people: which steps may overlap, and the longest chain.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"

namespace pvsplan::view {

// For each node those that may run at the same time, ascending. Only for plans of at most `max_compared` nodes.
inline constexpr std::size_t max_compared = 4000;
std::vector<std::vector<std::uint32_t>> overlaps(const program::Graph& graph);

// The critical path: the chain of nodes, each waiting for the one before, with the greatest sum of weights.
std::vector<std::uint32_t> longest_chain(const program::Graph& graph,
                                         const std::function<std::int64_t(std::uint32_t)>& weight);

// "2, 4-7".
std::string ranges(const std::vector<std::uint32_t>& ascending);

// "1h 20m", "45s", "3 days": at most two units.
std::string duration_for_people(std::int64_t milliseconds);

}  // namespace pvsplan::view
