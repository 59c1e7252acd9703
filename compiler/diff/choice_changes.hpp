// What will happen otherwise with other values than these: a condition, a loop or an argument that is written otherwise
// and comes to the same, or about a step that is left out in both plans.
#pragma once

#include "compiler/diff/diff.hpp"
#include "compiler/diff/matching.hpp"
#include "compiler/diff/same.hpp"
#include "compiler/diff/steps.hpp"

namespace pvsplan::diff {

// Nothing of what is in `told` already, of which the others are still to come. Of plans whose text is not known here
// there is nothing to say.
StepChanges compare_choices(const Version& before, const Version& after, const Matching& matching, const Same& same,
                            const Differences& told);

}  // namespace pvsplan::diff
