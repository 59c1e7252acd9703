// Builds the facts: what the nodes do, require and change, as flat arrays in topological order.
#pragma once

#include "compiler/expand/expansion.hpp"
#include "compiler/graph/facts.hpp"
#include "compiler/graph/order.hpp"
#include "compiler/graph/vocabulary.hpp"

namespace pvsplan::graph {

// Moves the rows out of `order`. The callbacks of `facts` point into the other arguments, which must outlive it and
// must not move.
void build(const resolve::Model& model, expand::Expansion& expansion, Order& order, Facts& facts, diag::Sink& sink);

// What the plan could call and be given. Actions are numbered as in the facts.
Vocabulary vocabulary(const resolve::Model& model);

}  // namespace pvsplan::graph
