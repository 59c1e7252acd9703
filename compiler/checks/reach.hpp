// Who comes before whom: reachability questions about the DAG, answered in bulk.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

using graph::Facts;
using graph::Index;

struct Pair {
    Index before;
    Index after;
};

// For each pair whether before ⇝ after. Sixty-four sources a sweep, over the stretch of the order that they and their
// targets span: linear where sources and targets are near each other.
std::vector<bool> reach(const Facts& facts, std::span<const Pair> pairs);

// By node: whether a node of `marks` comes strictly before (after) it.
std::vector<bool> after_any(const Facts& facts, const std::vector<bool>& marks);
std::vector<bool> before_any(const Facts& facts, const std::vector<bool>& marks);

// The first pair (a, b), a from `as` and b from `bs`, for which a ⇝ b does not hold, if there is one. Sources that run
// together into one node are asked about once.
std::optional<Pair> first_unordered(const Facts& facts, const std::vector<Index>& as, const std::vector<Index>& bs);

// All nodes that come before any of `nodes`, ascending.
std::vector<Index> ancestors(const Facts& facts, std::span<const Index> nodes);

}  // namespace pvsplan::checks
