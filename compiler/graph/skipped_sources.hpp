// Which conditions may read an output of a step that was skipped: it is none then, and neither true nor false.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::graph {

// By guard: the steps, each with the values of conditions under which it runs. A step that runs wherever the condition
// is decided is none of them: its own conditions are among those around it. `conditions` are those of the guards;
// `guard_of` gives the innermost guard of a step by its path.
std::vector<std::vector<OutputSource>> skipped_sources(
    const std::vector<GuardFact>& guards, const std::vector<program::ExprPtr>& conditions,
    const std::function<GuardIndex(const std::string& step)>& guard_of);

}  // namespace pvsplan::graph
