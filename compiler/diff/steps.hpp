// Compares single steps: an undo, an approval or a once-only that is lost, and every other difference.
#pragma once

#include "compiler/diff/diff.hpp"
#include "compiler/diff/matching.hpp"
#include "compiler/diff/same.hpp"

namespace pvsplan::diff {

struct StepChanges {
    std::vector<StepChange> losses;
    std::vector<StepChange> steps;
};

// Of an approval, or of what undoes something, that a condition leaves out now.
inline constexpr const char* may_be_left_out = "may be left out now: `when`";

inline constexpr const char* asks = "question";

// One change for all iterations of a step with the same difference, in the order of the plan after.
StepChanges compare_steps(const program::Plan& before, const program::Plan& after, const Matching& matching,
                          const Same& same);

}  // namespace pvsplan::diff
