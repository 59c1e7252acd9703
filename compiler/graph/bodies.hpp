// Checks that each body can run over the transport of its object.
#pragma once

#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"

namespace pvsplan::graph {

// Covers steps, their `undo`, the `recover` of groups, and the `observe` of kinds. Reports one finding for each action
// or kind and transport, at the entry of the object in the farm.
void check_bodies(const resolve::Model& model, const expand::Expansion& expansion, diag::Sink& sink);

}  // namespace pvsplan::graph
