// How many intervals can be open at one moment of some schedule.
//
// Intervals can be open together iff none lies before another, so the answer is the largest antichain of an interval
// order. By Dilworth's theorem its size is the least number of chains that cover all intervals, which is a minimum flow
// through the DAG with lower bound 1 on each interval (Ford and Fulkerson, Flows in Networks, II.9). The search starts
// from a greedy flow in topological order, which is minimal for chains and lanes, and reduces it along residual paths:
// O(nodes + edges) for each unit in excess.
#pragma once

#include <vector>

#include "compiler/schedule/interval.hpp"

namespace pvsplan::schedule {

// A largest set of intervals that can be open together: their indices, ascending.
std::vector<std::uint32_t> largest_antichain(const graph::Facts& facts, const std::vector<Interval>& intervals);

}  // namespace pvsplan::schedule
