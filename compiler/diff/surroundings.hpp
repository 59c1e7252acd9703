// What a run meets and does beside its steps: the farm, the parameters, what each action does, who is told.
#pragma once

#include <string_view>

#include "compiler/diff/diff.hpp"
#include "compiler/diff/same.hpp"

namespace pvsplan::diff {

struct SurroundingChanges {
    std::vector<StepChange> losses;  // by what is no step: an object, a kind, a secret, the farm
    std::vector<OtherChange> others;
};
// What of `others` steps tell as well, each for itself: whether they do is known outside.
inline constexpr std::string_view on_failure_of_plan = "`on_failure` of the plan";
inline constexpr std::string_view approvers_of_plan = "`approvers` of the plan";

SurroundingChanges compare_surroundings(const Version& before, const Version& after, const Same& same);

}  // namespace pvsplan::diff
