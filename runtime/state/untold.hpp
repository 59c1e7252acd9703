// Conditions on a farm that is simulated as a whole, which puts nothing out.
#pragma once

#include "compiler/program/expr.hpp"

namespace pvsplan::state {

// The condition as if each truth that is not known were `false`, and each other value another and a larger one than all
// that it is compared with: as for any value, one of a condition and its opposite holds then, which is what was proved.
bool as_if_larger(const program::Expr& condition, const program::Env& env);

}  // namespace pvsplan::state
