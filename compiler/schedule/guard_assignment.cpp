#include "compiler/schedule/guard_assignment.hpp"

#include <algorithm>

namespace pvsplan::schedule {

// A node is excluded by any condition around it that has the other value; one without a value excludes none.
bool GuardAssignment::has(const Facts& facts, Index node) const {
    for (graph::GuardIndex g = facts.guard[node]; g != graph::no_guard; g = facts.guards[g].parent) {
        const auto found =
            std::lower_bound(assigned.begin(), assigned.end(), std::pair(facts.guards[g].variable, false));
        if (found != assigned.end() && found->first == facts.guards[g].variable &&
            found->second != facts.guards[g].value)
            return false;
    }
    return true;
}

}  // namespace pvsplan::schedule
