// The schedule that shows a violation, as programs read it.
#pragma once

#include <string>

#include "compiler/checks/decision.hpp"
#include "compiler/graph/facts.hpp"

namespace pvsplan::view {

// The object `witness` of `pvsplan.validate/1` and `pvsplan.diff/1`, as JSON. In one line. `facts` are those that the
// witness was found in.
std::string witness_json(const graph::Facts& facts, const checks::Witness& witness);

}  // namespace pvsplan::view
