// What the nodes do, require and change, as flat facts in topological order.
#pragma once

#include "compiler/expand/expansion.hpp"
#include "compiler/graph/facts.hpp"
#include "compiler/graph/order.hpp"

namespace pvsplan::graph {

// Takes the rows of `order`. The callbacks of `facts` point into all four, which must outlive it and stay where they
// are.
void build(const resolve::Model& model, expand::Expansion& expansion, Order& order, Facts& facts, diag::Sink& sink);

}  // namespace pvsplan::graph
