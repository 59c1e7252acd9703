// Stretches of a run, between what begins and what ends them.
#pragma once

#include <utility>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

// Open from the start of `begin` (no_index: from the first moment) to the finish of `end` (no_index: for good). Some
// intervals can be open at one moment iff no two of them lie one before the other: the end of one ⇝ the beginning of
// the other.
struct Interval {
    graph::Index begin = graph::no_index;
    graph::Index end = graph::no_index;
    program::ObjectId object;
};

// All of them open at one moment.
using IntervalConjunction = std::vector<Interval>;

// For each pair of boxes whether both can be at one moment.
std::vector<bool> meet(
    const graph::Facts& facts,
    const std::vector<std::pair<const IntervalConjunction*, const IntervalConjunction*>>& conjunctions);

}  // namespace pvsplan::checks
