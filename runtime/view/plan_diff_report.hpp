// The differences of two plans as sections of items, from which text and Markdown are made.
#pragma once

#include <string>
#include <vector>

#include "runtime/view/plan_diff.hpp"

namespace pvsplan::view {

// Texts are as the plans have them: whoever prints them escapes them for what they print to.
struct DiffItem {
    std::string label;  // "violated"
    Ink ink = Ink::yellow;
    std::string text;
    std::vector<std::string> details = {};   // sentences
    std::vector<std::string> schedule = {};  // a schedule that shows a violation
    std::string schedule_elsewhere = {};     // where it is shown, if not here
};
struct DiffSection {
    std::string title;  // empty: the first, of requirements
    std::vector<DiffItem> items;
    std::size_t left_out = 0;  // items that are not shown
};
// Sections without an item are left out; of a plan that is not there on both sides only what is wrong is left.
std::vector<DiffSection> sections_of(const PlanDiff& diff, DiffShows shows);

}  // namespace pvsplan::view
