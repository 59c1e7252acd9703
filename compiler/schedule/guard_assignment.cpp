#include "compiler/schedule/guard_assignment.hpp"

#include <algorithm>

namespace pvsplan::schedule {

// It is excluded by any condition that has the other value; one without a value excludes nothing.
bool GuardAssignment::can_hold(const Facts& facts, graph::GuardIndex guard) const {
    for (graph::GuardIndex g = guard; g != graph::no_guard; g = facts.guards[g].parent) {
        const auto found =
            std::lower_bound(assigned.begin(), assigned.end(), std::pair(facts.guards[g].variable, false));
        if (found != assigned.end() && found->first == facts.guards[g].variable &&
            found->second != facts.guards[g].value)
            return false;
    }
    return true;
}

}  // namespace pvsplan::schedule
