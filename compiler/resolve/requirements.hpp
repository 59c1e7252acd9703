// Invariants of the plan and of its policies as requirements over kinds, verbs and typed expressions.
#pragma once

#include "compiler/resolve/load.hpp"
#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

// After the plan: those of its policies in the order in which they are named, then its own, each with whether it is
// waived. One that is wrong stays in the list as an error value, so that it is shown and never taken for kept.
void define_requirements(const Documents& documents, Model& model, Expressions& expressions, diag::Sink& sink);

}  // namespace pvsplan::resolve
