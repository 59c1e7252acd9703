// What a stage establishes for the next ones. Each looks at every row once and ends the process if it does not hold:
// then pvsplan is wrong, and nothing that it would say of the plan could be trusted.
#pragma once

#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/graph/order.hpp"
#include "compiler/resolve/model.hpp"

namespace pvsplan::compiler {

// Every name of the plan stands for something and every expression has a type. A step of a procedure may wait for its
// callers to say on which object it works.
void check_resolved(const resolve::Model& model);
// Every step is an instance, on an object of the farm if its action works on one.
void check_expanded(const resolve::Model& model, const expand::Expansion& expansion);
// There is an order in which everything can run: each node once, and after all that it waits for.
void check_ordered(const expand::Expansion& expansion, const graph::Order& order);

}  // namespace pvsplan::compiler
