// One way in which the run-time conditions may turn out.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

using graph::Facts;
using graph::Index;

// Guard variables with their values; those that are not assigned count as "the node is there".
struct GuardAssignment {
    std::vector<std::pair<std::uint32_t, bool>> assigned;  // ascending by variable

    [[nodiscard]] bool has(const Facts& facts, Index node) const;
};

}  // namespace pvsplan::checks
