// Requirements as a compiled plan stores them, and back.
#pragma once

#include <string>
#include <vector>

#include "compiler/checks/requirement.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::checks {

// `kinds`: the names of the kinds, by row of Facts::objects_of_kind.
program::Requirement store(const Requirement& requirement, const std::vector<std::string>& kinds);

// The requirements in the order of the plan, for facts that are made from the same plan (graph/remaining.hpp). One of
// which the plan has only the text becomes an error value, which is never decided.
std::vector<Requirement> load(const program::Plan& plan);

}  // namespace pvsplan::checks
