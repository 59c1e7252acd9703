// Proving again what is left of a run, after a person said that a step was done by hand.
#pragma once

#include <set>
#include <string>

#include "compiler/base/result.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::cli {

// Goes through the steps of `plan` that are not `over`, in their order, from the states that its objects have: an error
// if what one of them requires is certainly not so. The order itself was proved when the plan was compiled, and what a
// person says does not change it; a state that is not known, or that a `when` decides, is given the benefit of the
// doubt.
base::Status prove_left(const program::Plan& plan, const std::set<std::string>& over);

}  // namespace pvsplan::cli
