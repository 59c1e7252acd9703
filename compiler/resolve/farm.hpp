// The objects of the farm, from its document and its CSV files.
#pragma once

#include "compiler/resolve/load.hpp"
#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

// The names of the secrets first: whoever speaks of one asks whether it is there.
void define_secrets(const Documents& documents, Model& model, diag::Sink& sink);
// Objects with all their values, in the farm's order. Reads the CSV files that the farm names, which join `documents`.
// After the kinds.
void define_farm(const Inputs& inputs, Documents& documents, Model& model, Expressions& expressions, diag::Sink& sink);

}  // namespace pvsplan::resolve
