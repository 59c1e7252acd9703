// Parts of a plan in an order of their own: what the digest is of does not change with an order that means nothing.
#pragma once

#include "compiler/program/plan.hpp"

namespace pvsplan::program {

Kind without_order(Kind kind);
// Parameters are passed by name: their numbers follow their names.
Action without_order(Action action);

}  // namespace pvsplan::program
