// Reachability in the DAG, answered for many pairs at once.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::schedule {

using graph::Facts;
using graph::Index;

struct Pair {
    Index before;
    Index after;
};

// For each pair whether before ⇝ after. A sweep serves 64 sources, a bit each, over the range of the topological order
// that they and their targets span. So the cost is linear where sources and targets are near each other.
std::vector<bool> reach(const Facts& facts, std::span<const Pair> pairs);

// Some paths, each found at once however far it goes: those that lead from each node to its last predecessor, and so
// on. A plan that waits for one thing after another is made of them.
class NearPaths {
  public:
    explicit NearPaths(const Facts& facts);
    // False: there may be another path.
    [[nodiscard]] bool has(Pair pair) const {
        return pair.before < pair.after && number_[pair.before] < number_[pair.after] &&
               number_[pair.after] < number_[pair.before] + size_[pair.before];
    }

  private:
    // A forest in which each node is below its last predecessor. By node: its number in preorder, and the size of its
    // tree, whose nodes are numbered from there on.
    std::vector<Index> number_;
    std::vector<Index> size_;
};

// By node: whether it comes strictly after (before) a node of `marks`.
std::vector<bool> after_any(const Facts& facts, const std::vector<bool>& marks);
std::vector<bool> before_any(const Facts& facts, const std::vector<bool>& marks);

// The first pair (a, b) with a in `as` and b in `bs` for which a ⇝ b does not hold, if there is one. Sources whose only
// path leads into the same node are asked about once.
std::optional<Pair> first_unordered(const Facts& facts, const std::vector<Index>& as, const std::vector<Index>& bs);

// All nodes that come before any of `nodes`, ascending.
std::vector<Index> ancestors(const Facts& facts, std::span<const Index> nodes);

}  // namespace pvsplan::schedule
