// Requirements on their way into a compiled plan, and back out of it.
#pragma once

#include <string>
#include <vector>

#include "compiler/checks/requirement.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::checks {

// `kinds`: their names, by row of Facts::objects_of_kind.
program::Requirement keep(const Requirement& requirement, const std::vector<std::string>& kinds);

// In the order of the plan, over facts that were made of the same plan (graph/remaining.hpp). One that was kept as text
// only is poison, of which nothing is decided.
std::vector<Requirement> recall(const program::Plan& plan);

}  // namespace pvsplan::checks
