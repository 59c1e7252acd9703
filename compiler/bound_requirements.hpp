// The requirements of a plan with all that is known before the run bound in them.
#pragma once

#include <vector>

#include "compiler/expand/expansion.hpp"
#include "compiler/program/requirement.hpp"
#include "compiler/resolve/model.hpp"

namespace pvsplan::compiler {

// The parameters of the plan have their values. `where initially` asks which objects were so before the run: it names
// them, so that a resumed run and a journal are asked about the same ones.
std::vector<program::Requirement> bound_requirements(const resolve::Model& model, expand::Expansion& expansion);

}  // namespace pvsplan::compiler
