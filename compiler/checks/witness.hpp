// Witnesses and reasons for states that are not as required.
#pragma once

#include "compiler/checks/event_index.hpp"
#include "compiler/schedule/overlap.hpp"

namespace pvsplan::checks {

using graph::Index;
using schedule::FailureScenario;
using schedule::GuardAssignment;
using schedule::IntervalConjunction;
using schedule::Overlap;
using schedule::Timeline;

// Whether nothing unknown is in the states of the object.
bool is_known(const Timeline& line);
// The verdict for an object whose state is unknown, or can change in more scenarios than are tried.
Decision undecided(const EventIndex& event_index, const Timeline& line);
// The same for several: one that is unknown is told.
Decision undecided(const EventIndex& event_index, const std::vector<Timeline>& lines);

// The nodes that begin the open intervals, ascending; and the names of the first few of their objects.
std::vector<Index> begins_of(const std::vector<IntervalConjunction>& open);
std::string names_of(const EventIndex& event_index, const std::vector<IntervalConjunction>& open);
// A schedule at whose end all of `max_overlap` is open and `events` run.
Witness overlap_of(const EventIndex& event_index, const GuardAssignment& assignment,
                   const Overlap::MaxOverlap& max_overlap, std::vector<Index> events);
// ", after `a` has failed while others go on", if the scenario has a failure.
std::string after_failure(const EventIndex& event_index, const FailureScenario& scenario);

}  // namespace pvsplan::checks
