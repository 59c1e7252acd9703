// What all parts of a picture are made from.
#pragma once

#include "compiler/checks/checks.hpp"
#include "runtime/picture/states.hpp"

namespace pvsplan::picture {

// References to what picture_of() has made: all of it outlives this.
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

// What is counted over the time: of the requirement that is violated, else of the one with the least room. An index of
// them; none counts anything.
std::optional<std::size_t> requirement_shown(const std::vector<checks::Decision>& decisions);
// What has to be drawn later for the worst moment to be one moment of the picture: as its intervals can be open
// together, each can be made to last until all have begun.
Delays delays_for(const checks::WorstMoment& worst, const Timeplan& time);
// `requirement` has a worst moment (Decision::worst).
Strip strip_of(const Drawing& drawing, std::size_t requirement);

// The lanes: objects that are worked on or counted, by kind and by what requirements group them by. `worst`: the
// requirement whose worst moment is marked in them.
std::vector<Group> groups_of(const Drawing& drawing, std::optional<std::size_t> worst);

// Approvals that all else waits for, windows, points of no return, and where a violation shows, by place.
std::vector<Mark> marks_of(const Drawing& drawing);
// "no rollback past `x`: why; 12 steps before it stay done". At most a hundred, in the order of the plan.
std::vector<std::string> no_return_of(const Drawing& drawing);

}  // namespace pvsplan::picture
