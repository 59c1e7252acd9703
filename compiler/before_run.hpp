// Puts facts from before the run into a plan: defaults that depend on the farm, and the objects of `where initially`.
#pragma once

#include <vector>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/program/requirement.hpp"
#include "compiler/resolve/model.hpp"

namespace pvsplan::compiler {

// The parameters of the plan have their values. `where initially` asks which objects were so before the run: it names
// them, so that a resumed run and a journal are asked about the same ones. Reports a condition that takes too much
// work.
std::vector<program::Requirement> bound_requirements(const resolve::Model& model, expand::Expansion& expansion,
                                                     diag::Sink& sink);

// Gives parameters without a value the defaults that depend on the farm. One that depends on what is not known stays
// open.
void fill_defaults(resolve::Model& model, diag::Sink& sink);

}  // namespace pvsplan::compiler
