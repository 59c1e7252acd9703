// Enumerates how far a group of nodes can have come when its rollback begins: every set of nodes that may have run,
// with every set of nodes that failed or were interrupted at the same time, and for each of these every part of its
// changes, or some other values.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

// What became of a node by the time at which the rollback begins.
enum class Stand : std::uint8_t { not_started, done, skipped, failed };

struct FailurePoint {
    std::vector<Stand> stands;  // by position in the group
    // For a failed node with n changes: below 1 << n, bit i says whether its i-th change is in effect; (1 << n) + k
    // stands for the k-th other outcome.
    std::vector<std::uint32_t> there;

    [[nodiscard]] bool has(Stand stand) const;
};

// The kind of a node: a join always passes, an approval is given or not, an action can also fail.
enum class Part : std::uint8_t { join, approval, action };

struct FailureGroup {
    const graph::Facts& facts;
    const std::vector<graph::Index>& nodes;  // ascending; no path leaves the group and returns to it
    const std::vector<Part>& parts;
    const std::vector<std::uint32_t>& others;  // by position: how many other outcomes a failure has
};

enum class Seen : std::uint8_t { all, stopped, too_many };

// Visits the points one by one until `look` returns false, or until `max_looks` have been visited and there are more.
// Exact for groups of any shape: each guard takes both values, the same for all nodes that share it. Points at which
// nothing has begun are omitted. Points with a failure come first, as a message can point at the failed step.
Seen for_each_failure_point(const FailureGroup& group, std::size_t max_looks,
                            const std::function<bool(const FailurePoint&)>& look);

}  // namespace pvsplan::checks
