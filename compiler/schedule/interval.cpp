#include "compiler/schedule/interval.hpp"

#include "compiler/schedule/reach.hpp"

namespace pvsplan::schedule {

// Intervals that can be open pairwise can be open all together, so it is enough that no interval of the one lies before
// one of the other, in either direction. All pairs are asked about in one call, whose sweeps they share.
std::vector<bool> meet(
    const graph::Facts& facts,
    const std::vector<std::pair<const IntervalConjunction*, const IntervalConjunction*>>& conjunctions) {
    std::vector<Pair> pairs;
    std::vector<std::size_t> asked_for;  // parallel: index of the pair of conjunctions
    const auto ask = [&](const Interval& first, const Interval& then, std::size_t i) {
        // An interval without an end is never over, and one without a begin was open from the start.
        if (first.end == graph::no_index || then.begin == graph::no_index) return;
        pairs.push_back({first.end, then.begin});
        asked_for.push_back(i);
    };
    for (std::size_t i = 0; i < conjunctions.size(); ++i)
        for (const Interval& a : *conjunctions[i].first)
            for (const Interval& b : *conjunctions[i].second) {
                ask(a, b, i);
                ask(b, a, i);
            }
    const std::vector<bool> is_before = reach(facts, pairs);
    std::vector<bool> can_meet(conjunctions.size(), true);
    for (std::size_t i = 0; i < pairs.size(); ++i)
        if (is_before[i]) can_meet[asked_for[i]] = false;
    return can_meet;
}

}  // namespace pvsplan::schedule
