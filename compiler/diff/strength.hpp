// Whether a requirement demands at least as much as another.
//
// Demands are compared as they are written: conditions by their parts (`a and b` is narrower than `a`), numbers, and
// words. What cannot be shown that way counts as weaker, so that nothing is taken for kept which may not be. A demand
// of every member of a set is stronger the wider the set, one of some member the narrower. That sets may be empty is
// left out: a requirement that nothing matches any more has the verdict `vacuous`, which is told as well.
#pragma once

#include <string>
#include <vector>

#include "compiler/diff/same.hpp"

namespace pvsplan::diff {

// Where `after`, of the plan after, falls short of `before`, of the plan before: a phrase each, such as "`at most 2` in
// place of `at most 1`". Empty: it demands at least as much.
std::vector<std::string> shortfalls(const program::Demand& before, const program::Demand& after, const Same& same);

// Whether whatever fulfils `narrow` fulfils `wide`, as far as their texts tell; null is fulfilled by all. `narrow` is
// of the plan before of `same`.
bool is_within(const program::ExprPtr& narrow, const program::ExprPtr& wide, const Same& same);

// The sides of a demand whose sets of events matter, and which way.
struct EventSide {
    const program::EventDemand* events = nullptr;
    bool wants_all = false;   // fewer events in the set make the demand weaker
    bool wants_some = false;  // more events in the set make the demand weaker
};
std::vector<EventSide> event_sides(const program::Demand& demand);

}  // namespace pvsplan::diff
