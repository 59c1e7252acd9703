// What a run meets and does beside its steps: the farm, the parameters, what each action does, who is told.
#pragma once

#include "compiler/diff/diff.hpp"
#include "compiler/diff/same.hpp"

namespace pvsplan::diff {

std::vector<OtherChange> compare_surroundings(const program::Plan& before, const program::Plan& after,
                                              const Same& same);

}  // namespace pvsplan::diff
