// Makes the compiled plan from the results of the stages: the only place that knows both forms.
#pragma once

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/link/steps.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::compiler {

// A plan with the kinds and objects of the farm, but without nodes.
program::Plan assemble_farm(const resolve::Model& model, const base::Sources& sources);

// Everything but requirements, inputs and the digest.
program::Plan assemble(const resolve::Model& model, const link::Ordered& ordered, const base::Sources& sources,
                       link::Effects effects, diag::Sink& sink);

}  // namespace pvsplan::compiler
