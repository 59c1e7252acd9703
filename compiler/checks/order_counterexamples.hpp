// What shows that `A before B` or `A then B` does not hold: a schedule, what to say of it, and the order that is
// missing.
#pragma once

#include <string>
#include <vector>

#include "compiler/checks/event_index.hpp"
#include "compiler/schedule/schedule.hpp"

namespace pvsplan::checks {

// Each returns a violation with its witness; that there is one its caller has found out.
class OrderCounterexamples {
  public:
    // All must outlive it.
    OrderCounterexamples(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r)
        : event_index_(event_index), facts_(event_index.facts()), assignment_(assignment), r_(r) {}

    // There is no path from a to b.
    [[nodiscard]] Decision unordered(Index a, Index b) const;
    // Some b's do not wait for a, and those that do (`late`) may be abandoned.
    [[nodiscard]] Decision never_comes(Index a, const std::vector<Index>& early,
                                       const schedule::FailureScenario& scenario, const std::vector<Index>& late) const;
    // b happens although the nodes before it have failed.
    [[nodiscard]] Decision partial_failure(const schedule::FailureScenario& scenario, Index b) const;
    // None of the b waits for a: all of them start first.
    [[nodiscard]] Decision too_early(const std::vector<schedule::StartsFirst>& postponed, Index a,
                                     const std::vector<Occurrence>& bs) const;
    // Nothing does what has to come before the node, or after it.
    [[nodiscard]] Decision lonely(Index node) const;

  private:
    [[nodiscard]] std::string too_early_text(Index a, Index b) const;

    const EventIndex& event_index_;
    const Facts& facts_;
    const GuardAssignment& assignment_;
    const Requirement& r_;
};

}  // namespace pvsplan::checks
