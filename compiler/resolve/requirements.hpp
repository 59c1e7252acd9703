// Invariants of the plan and of its policies as requirements over kinds, verbs and typed expressions.
#pragma once

#include "compiler/resolve/load.hpp"
#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

void define_requirements(const Documents& documents, Model& model, Expressions& expressions, diag::Sink& sink);

}  // namespace pvsplan::resolve
