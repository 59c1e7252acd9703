// A schedule for people: the moments that matter, and how much was left out between them.
#pragma once

#include <string>
#include <vector>

#include "compiler/checks/decision.hpp"
#include "compiler/graph/facts.hpp"

namespace pvsplan::view {

// A line for each moment in its order: "4 steps run", "`rest[pvs02].install` fails", "`rest[pvs03].stop` starts".
// Called by name are the nodes that the witness is about, what fails, and what has started and is not over.
std::vector<std::string> schedule_lines(const graph::Facts& facts, const checks::Witness& witness);

}  // namespace pvsplan::view
