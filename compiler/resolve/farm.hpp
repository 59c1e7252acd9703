// The objects of the farm, from its document and the CSV files beside it.
#pragma once

#include "compiler/resolve/load.hpp"
#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

void define_farm(const base::Files& files, Documents& documents, Model& model, Expressions& expressions,
                 base::SourceMap& sources, diag::Sink& sink);

}  // namespace pvsplan::resolve
