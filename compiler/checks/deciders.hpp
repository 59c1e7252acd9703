// Decides a requirement under one assignment of the run-time conditions; a function for each form.
#pragma once

#include "compiler/checks/event_index.hpp"

namespace pvsplan::checks {

using schedule::GuardAssignment;

// `exactly n A`, `at least`, `at most`, also `per`; `never A`.
Decision decide_count(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r);
Decision decide_never(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r);
// `A before B`, `A then B`.
Decision decide_order(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r);
// `A while P`: the state holds from the start of each A to its end.
Decision decide_during(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r);
// `always at most n P`, `at least`, also `per`.
Decision decide_always(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r);
// `finally P`.
Decision decide_finally(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r);

}  // namespace pvsplan::checks
