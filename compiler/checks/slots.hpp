// States of objects, as preconditions read them.
#pragma once

#include <string>
#include <vector>

#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

// The slots that a precondition reads for its node, ascending.
std::vector<graph::Slot> slots_read(const graph::Facts& facts, const graph::RequireFact& fact);

std::string slot_text(const graph::Facts& facts, graph::Slot slot);  // "server/pvs02.stream"

}  // namespace pvsplan::checks
