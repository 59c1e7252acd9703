// Which steps no longer wait for each other, and which do now.
#pragma once

#include "compiler/diff/diff.hpp"
#include "compiler/diff/matching.hpp"

namespace pvsplan::diff {

struct OrderChanges {
    std::vector<OrderChange> order;
    std::vector<StepChange> losses;  // approvals that hold less back, or are asked earlier; not told in `order` as well
    std::vector<LoopChange> loops;
    bool is_whole = true;  // false: steps that only one plan has stand between too many others to compare through them
};

OrderChanges compare_order(const Version& before, const Version& after, const Matching& matching);

}  // namespace pvsplan::diff
