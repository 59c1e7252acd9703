// How many objects can be in a state at one moment, also when instances that failed are left behind in it.
#pragma once

#include <set>
#include <vector>

#include "compiler/checks/partial_failure.hpp"

namespace pvsplan::checks {

class Overlap {
  public:
    // Of those objects whose condition has the truth that is sought, at any moment or while a node runs; all must
    // outlive it.
    Overlap(const Facts& facts, const GuardAssignment& assignment, const Timelines& timelines,
            const std::vector<Timeline>& lines, Truth sought, Index concurrent = graph::no_index);

    struct MaxOverlap {
        std::vector<IntervalConjunction> open;  // all at one moment, one of each object
        FailureScenario scenario;               // what is left behind for it
    };
    // The largest crowd that was found; it does come about, if what is not known is left out.
    [[nodiscard]] MaxOverlap widest(Unknown unknown) const;
    // No crowd is larger.
    [[nodiscard]] std::size_t bound(Unknown unknown) const;

  private:
    [[nodiscard]] std::vector<IntervalConjunction> life(const Timeline& line, std::span<const Effect> effects,
                                                        Unknown unknown) const;
    [[nodiscard]] MaxOverlap with(const FailureScenario& scenario, Unknown unknown) const;
    // With these fates of the changes of the lines that are touched; the others are as they are anyway.
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
    bool are_mixes_tried_;  // else an object whose changes have no order is in that state throughout, or never
};

}  // namespace pvsplan::checks
