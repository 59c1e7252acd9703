#include "runtime/state/run_state.hpp"

#include "runtime/state/way_back.hpp"

namespace pvsplan::state {

RunState::RunState(const program::Plan& plan_) : plan(&plan_), course(course_of(plan_)) {
    forward.nodes.resize(course.size());
    forward.guards.resize(plan->guards.size());
    forward.abandoned.resize(plan->instances.size());
    forward.readmitted.resize(plan->instances.size());
    farm.reserve(plan->objects.size());
    for (const auto& object : plan->objects) {
        States known;
        for (const auto& [name, value] : object.state)
            if (!value.has_unknown()) known.emplace(name, value);
        objects.emplace(object.id, program::ObjectId(farm.size()));
        farm.push_back(std::move(known));
    }
}

RunState::~RunState() = default;
RunState::RunState(RunState&&) noexcept = default;
RunState& RunState::operator=(RunState&&) noexcept = default;

const Course& RunState::now() const { return back ? back->course : course; }
const CourseState& RunState::now_state() const { return back ? back->state : forward; }
CourseState& RunState::now_state() { return back ? back->state : forward; }

Decision decision_of(const Course& course, const CourseState& state, program::GuardId guard) {
    auto verdict = Decision::holds;
    for (auto at = guard; at; at = (*course.guards)[at.index()].parent) {
        const auto here = state.guards[at.index()];
        if (here == Decision::fails) return Decision::fails;
        if (here == Decision::open) verdict = Decision::open;
    }
    return verdict;
}

program::InstanceId abandoned_around(const Course& course, const CourseState& state, program::InstanceId iteration) {
    program::InstanceId outermost;
    for (auto at = iteration; at; at = (*course.instances)[at.index()].parent)
        if (state.abandoned[at.index()] != 0) outermost = at;
    return outermost;
}

}  // namespace pvsplan::state
