// Intervals of a run, each between the node that begins it and the node that ends it.
#pragma once

#include <utility>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::schedule {

// Open from the start of `begin` (no_index: the first moment) to the finish of `end` (no_index: the last moment).
// Intervals can be open at one moment iff none lies before another: the end of one ⇝ the beginning of the other.
struct Interval {
    graph::Index begin = graph::no_index;
    graph::Index end = graph::no_index;
    program::ObjectId object;
};

// Holds at the moments at which all of its intervals are open.
using IntervalConjunction = std::vector<Interval>;

// For each pair of conjunctions whether both can hold at one moment.
std::vector<bool> meet(
    const graph::Facts& facts,
    const std::vector<std::pair<const IntervalConjunction*, const IntervalConjunction*>>& conjunctions);

}  // namespace pvsplan::schedule
