// Parts of a plan as its digest sees them: in an order of their own where an order means nothing, and without what is
// there for people alone.
#pragma once

#include "compiler/program/plan.hpp"

namespace pvsplan::program {

Kind what_happens(Kind kind);
// Parameters are passed by name: their numbers follow their names.
Action what_happens(Action action);
Requirement what_happens(Requirement requirement);

}  // namespace pvsplan::program
