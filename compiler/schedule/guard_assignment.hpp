// An assignment of truth values to the run-time conditions.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::schedule {

using graph::Facts;
using graph::Index;

// Guard variables with their values. A variable without a value does not exclude a node.
struct GuardAssignment {
    std::vector<std::pair<std::uint32_t, bool>> assigned;  // ascending by variable

    [[nodiscard]] bool has(const Facts& facts, Index node) const { return can_hold(facts, facts.guard[node]); }
    [[nodiscard]] bool can_hold(const Facts& facts, graph::GuardIndex guard) const;
};

}  // namespace pvsplan::schedule
