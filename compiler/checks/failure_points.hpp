// How far a group of nodes can have come when its way back begins: every set of them that may have run, with every set
// that failed beside them or was interrupted, and of those every part of what they set, or something else.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

enum class Stand : std::uint8_t { not_started, done, skipped, failed };

struct FailurePoint {
    std::vector<Stand> stands;  // by position in the group
    // Of a failed node with n changes: bit i says whether its i-th change is there; (1 << n) + k that something else
    // is.
    std::vector<std::uint32_t> there;

    [[nodiscard]] bool has(Stand stand) const;
};

// What a node is to this: joins pass by themselves, approvals are given or not, actions can fail too.
enum class Part : std::uint8_t { join, approval, action };

struct FailureGroup {
    const graph::Facts& facts;
    const std::vector<graph::Index>& nodes;  // ascending; no way leaves the group and comes back
    const std::vector<Part>& parts;
    const std::vector<std::uint32_t>& others;  // in how many ways a node that fails may leave something else
};

enum class Seen : std::uint8_t { all, stopped, too_many };

// Looks at the points one by one until `look` returns false, or `most` have been looked at and there are more. Exact
// for groups of any shape: a guard may turn out either way, the same for all nodes that share it. Points at which
// nothing has begun are left out. Those with a failure come first: they are the ones that a message can point at.
Seen for_each_failure_point(const FailureGroup& group, std::size_t most,
                            const std::function<bool(const FailurePoint&)>& look);

}  // namespace pvsplan::checks
