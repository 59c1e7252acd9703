// How many objects can be in a state at one moment, also when abandoned iterations leave objects in it.
#pragma once

#include <set>
#include <vector>

#include "compiler/schedule/partial_failure.hpp"

namespace pvsplan::schedule {

// One for each requirement, group and assignment. What it finds is sure; what it bounds is never too low.
class Overlap {
  public:
    // Counts the objects whose condition has the truth value `sought`: at any moment, or only while the node
    // `concurrent` runs. All arguments must outlive it.
    Overlap(const Facts& facts, const GuardAssignment& assignment, const Timelines& timelines,
            const std::vector<Timeline>& lines, Truth sought, Index concurrent = graph::no_index);

    struct MaxOverlap {
        std::vector<IntervalConjunction> open;  // all can hold at one moment; one of each object
        FailureScenario scenario;               // the failures that it takes
    };
    // The largest overlap that was found. If unknown values are left out, some schedule does reach it.
    [[nodiscard]] MaxOverlap maximum(Unknown unknown) const;
    // An upper bound: no overlap is larger.
    [[nodiscard]] std::size_t bound(Unknown unknown) const;

  private:
    // Where the object may be in the state that is sought.
    [[nodiscard]] std::vector<IntervalConjunction> life(const Timeline& line, std::span<const Effect> effects,
                                                        Unknown unknown) const;
    // The largest overlap in a run with these failures.
    [[nodiscard]] MaxOverlap with(const FailureScenario& scenario, Unknown unknown) const;
    // The largest overlap when the changes of the touched lines have these effects; in the other lines every change
    // happens.
    template <class Effects>
    [[nodiscard]] std::vector<IntervalConjunction> largest(const std::set<std::size_t>& touched, const Effects& effects,
                                                           Unknown unknown) const;
    [[nodiscard]] std::size_t limit(std::size_t without_failures, Unknown unknown) const;
    void keep_what_meets(std::vector<std::vector<IntervalConjunction>>& lives) const;

    const Facts& facts_;
    const Timelines& timelines_;
    const std::vector<Timeline>& lines_;
    Truth sought_;
    Index concurrent_;
    PartialFailure partial_failure_;
    bool are_mixes_tried_;  // false: an object whose changes have no order counts as in that state throughout, or never
};

}  // namespace pvsplan::schedule
