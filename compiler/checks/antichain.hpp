// How many intervals can be open at one moment of some schedule.
//
// That none lies before another makes the most that can be the largest antichain of an interval order: by Dilworth's
// theorem the
// least number of chains that cover all of them, found as a minimum flow through the DAG with lower bound 1 on each
// interval (Ford and Fulkerson, Flows in Networks, II.9). A greedy flow in topological order comes first and is exact
// for chains and lanes; residual paths then take away what it has too much. O(nodes + edges) for each unit too much.
#pragma once

#include <vector>

#include "compiler/checks/interval.hpp"

namespace pvsplan::checks {

// A largest set of intervals that can be open together, by index, ascending.
std::vector<std::uint32_t> largest_antichain(const graph::Facts& facts, const std::vector<Interval>& intervals);

}  // namespace pvsplan::checks
