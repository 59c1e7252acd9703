// What a run meets and does beside its steps: the farm, the parameters, what each action does, who is told.
#pragma once

#include "compiler/diff/diff.hpp"
#include "compiler/diff/same.hpp"

namespace pvsplan::diff {

struct SurroundingChanges {
    std::vector<StepChange> losses;  // by what is no step: an object, a kind, a secret, the farm
    std::vector<OtherChange> others;
};
SurroundingChanges compare_surroundings(const program::Plan& before, const program::Plan& after, const Same& same);

}  // namespace pvsplan::diff
