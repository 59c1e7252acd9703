// Who is told of a run: the entries of `notify`, of the farm and of the plan.
#pragma once

#include "compiler/resolve/load.hpp"
#include "compiler/resolve/model.hpp"
#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

// After the secrets of the farm are known.
void define_notify(const Documents& documents, Model& model, Expressions& expressions, diag::Sink& sink);

}  // namespace pvsplan::resolve
