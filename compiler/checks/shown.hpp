// What is shown of states that are not as required: a witness, and words.
#pragma once

#include "compiler/checks/event_index.hpp"
#include "compiler/checks/overlap.hpp"

namespace pvsplan::checks {

bool is_known(const Timeline& line);
// The state of that object is not known, or may change in more ways than are tried.
Decision undecided(const EventIndex& event_index, const Timeline& line);

// The steps with which what is open at one moment begins, ascending, and its objects by name, the first few of them.
std::vector<Index> begins_of(const std::vector<IntervalConjunction>& open);
std::string names_of(const EventIndex& event_index, const std::vector<IntervalConjunction>& open);
// A schedule at whose end all of it is open and `events` run.
Witness overlap_of(const EventIndex& event_index, const GuardAssignment& assignment,
                   const Overlap::MaxOverlap& max_overlap, std::vector<Index> events);
// ", after `a` has failed while others go on", if anything is left behind.
std::string after_failure(const EventIndex& event_index, const FailureScenario& scenario);

}  // namespace pvsplan::checks
