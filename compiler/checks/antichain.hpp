// How many intervals can be open at one moment of some schedule.
//
// Interval I lies before J when the end of I ⇝ the beginning of J. Intervals can be open together iff none of them lies
// before another, so the most that can be is the largest antichain of an interval order: by Dilworth's theorem the
// least number of chains that cover all of them, found as a minimum flow through the DAG with lower bound 1 on each
// interval (Ford and Fulkerson, Flows in Networks, II.9). A greedy flow in topological order comes first and is exact
// for chains and lanes; residual paths then take away what it has too much. O(nodes + edges) for each unit too much.
#pragma once

#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

// Open from the start of `begin` (no_index: from the first moment) to the finish of `end` (no_index: for good).
struct Interval {
    graph::Index begin = graph::no_index;
    graph::Index end = graph::no_index;
    program::ObjectId object;
};

// A largest set of intervals that can be open together, by index, ascending.
std::vector<std::uint32_t> largest_antichain(const graph::Facts& facts, const std::vector<Interval>& intervals);

}  // namespace pvsplan::checks
