// How long objects are in the state that a plan has requirements on, and how many of each group at once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diff/diff.hpp"
#include "runtime/view/plan_order.hpp"

namespace pvsplan::view {

// Of all objects of one kind: "down(server)", or "not streaming(server)" where a requirement asks for those that are.
struct StateFigures {
    std::string state;                                // the words of the requirement
    std::optional<std::int64_t> expected_ms;          // summed over the objects; none: nobody knows how long steps take
    std::map<std::string, std::int64_t> max_at_once;  // by group: what a requirement is asked of each value by itself
};

// When the steps of a plan are expected, each as early as it can. By node.
struct ExpectedTimes {
    Times begins;
    Times ends;
    std::int64_t end = 0;  // of all; 0: nobody knows
};
// As actions say it; earlier runs do not count.
ExpectedTimes expected_times(const program::Plan& plan);

// For each kind the first requirement of every moment says which state is meant; where it is not known whether an
// object is in it, it counts. `times` is of the plan of that version.
std::vector<StateFigures> state_figures(const diff::Version& version, const ExpectedTimes& times);

}  // namespace pvsplan::view
