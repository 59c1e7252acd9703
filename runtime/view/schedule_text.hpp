// A schedule for people: the moments that matter, and how much was left out between them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/checks/decision.hpp"
#include "compiler/graph/facts.hpp"

namespace pvsplan::view {

// Names are between backticks, as in findings.
struct ScheduleMoment {
    std::string text;                   // "`rest[pvs02].install` fails", "4 other steps run"
    std::optional<std::uint32_t> node;  // that it tells of; several that matter less have none
};
// The moments in their order. Called by name are the nodes that the witness is about, what fails, and what has started
// and is not over.
std::vector<ScheduleMoment> schedule_moments(const graph::Facts& facts, const checks::Witness& witness);

// A line for each of them; of many those at the end, where the violation is, and a few at the beginning. At most
// twelve.
std::vector<std::string> schedule_lines(const graph::Facts& facts, const checks::Witness& witness);

}  // namespace pvsplan::view
