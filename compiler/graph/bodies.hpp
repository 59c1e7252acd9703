// Whether what is run can run where it is run: each body over the transport of its object.
#pragma once

#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"

namespace pvsplan::graph {

// Steps, their undo, what recovers groups, and how kinds are observed; one finding for each action or kind and
// transport, at what the farm says of the object.
void check_bodies(const resolve::Model& model, const expand::Expansion& expansion, diag::Sink& sink);

}  // namespace pvsplan::graph
