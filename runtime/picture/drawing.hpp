// What all parts of a picture are made from.
#pragma once

#include "compiler/checks/checks.hpp"
#include "runtime/picture/states.hpp"

namespace pvsplan::picture {

struct Drawing {
    const program::Plan& plan;
    const graph::Facts& facts;  // its nodes are those of the plan
    const checks::EventIndex& index;
    const std::vector<checks::Decision>& decisions;  // parallel to the requirements of the plan
    const view::UsualDurations& usual;
    const Timeplan& time;
    const States& states;
    const std::vector<StepStatus>& statuses;  // by node; empty if there is no run
    const Ran* ran = nullptr;

    [[nodiscard]] bool is_violated(std::size_t requirement) const {
        return decisions[requirement].verdict == checks::Verdict::violated;
    }
};

// What is counted over the time: of the requirement that is violated, else of the one with the least room.
std::optional<std::size_t> requirement_shown(const std::vector<checks::Decision>& decisions);
// What has to be drawn later for the worst moment to be one moment of the picture: as its intervals can be open
// together, each can be made to last until all have begun.
Delays delays_for(const checks::WorstMoment& worst, const Timeplan& time);
Strip strip_of(const Drawing& drawing, std::size_t requirement);

// The lanes: objects that are worked on or counted, by kind and by what requirements group them by. `worst`: the
// requirement whose worst moment is marked in them.
std::vector<Group> groups_of(const Drawing& drawing, std::optional<std::size_t> worst);

// Approvals that all else waits for, windows, points of no return, and where a violation shows, by place.
std::vector<Mark> marks_of(const Drawing& drawing);
// "no rollback past `x`: why; 12 steps before it stay done"
std::vector<std::string> no_return_of(const Drawing& drawing);

}  // namespace pvsplan::picture
