// Which conditions may read an output of a step that was skipped: it is none then, and neither true nor false.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::graph {

// By guard. A step that runs wherever the condition is decided is never skipped there: its own conditions are among
// those around it. `conditions` are those of the guards; `guard_of` gives the innermost guard of a step by its path.
std::vector<bool> may_read_skipped(const std::vector<GuardFact>& guards,
                                   const std::vector<program::ExprPtr>& conditions,
                                   const std::function<GuardIndex(const std::string& step)>& guard_of);

}  // namespace pvsplan::graph
