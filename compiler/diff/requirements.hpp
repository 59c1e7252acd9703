// Compares the requirements of two plans, and their verdicts.
#pragma once

#include "compiler/diff/diff.hpp"
#include "compiler/diff/same.hpp"

namespace pvsplan::diff {

// Those that were violated and are so still are among them.
std::vector<RequirementChange> compare_requirements(const Version& before, const Version& after, const Same& same);

}  // namespace pvsplan::diff
