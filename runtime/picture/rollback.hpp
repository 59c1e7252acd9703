// The rollback of a run, drawn behind the end of its plan: its steps in the order in which they began.
#pragma once

#include "runtime/picture/states.hpp"

namespace pvsplan::picture {

struct DrawnRollback {
    struct Undo {
        std::uint32_t place = 0;  // in Ran::rollback
        Stretch when;
    };
    std::vector<Undo> steps;
    Undone undone;  // by node of the plan
    At end = 0;
};
// Without steps, and ending with the plan, where nothing is rolled back. `ran` has a node for each of the plan.
DrawnRollback rollback_of(const program::Plan& plan, const Ran& ran, const Timeplan& time);

// What became of each node of the plan, where the rollback has undone it. One for each node of the plan; a step that
// has failed stays failed, whatever undid it.
std::vector<StepStatus> statuses_of(const program::Plan& plan, const Ran& ran);

// Puts its steps into the lanes of their objects.
void add_to(std::vector<Group>& groups, const program::Plan& plan, const Ran& ran, const DrawnRollback& rollback);

}  // namespace pvsplan::picture
