#include "runtime/verify/legal.hpp"

#include <algorithm>

#include "compiler/program/simulated.hpp"
#include "runtime/state/approval_right.hpp"
#include "runtime/state/env.hpp"
#include "runtime/state/untold.hpp"

namespace pvsplan::verify {

using journal::Record;
using program::InstanceId;
using program::Node;
using program::NodeId;
using state::Decision;
using state::Phase;
using RecordType = Record::Type;

namespace {

std::string quoted(const std::string& name) { return "`" + name + "`"; }

}  // namespace

// The rollback is a program of its own: what is known of the nodes of the plan says nothing of its nodes.
void Legal::begin_program() {
    not_well_.clear();
    is_known_over_.assign(execution().size(), 0);
    within_guard_.assign(execution().guards->size(), {});
    for (std::size_t i = 0; i < execution().size(); ++i) {
        if (node(NodeId(i)).type == Node::Type::join) continue;  // a join is no step
        for (auto g = node(NodeId(i)).guard; g; g = (*execution().guards)[g.index()].parent)
            within_guard_[g.index()].emplace_back(i);
    }
}

bool Legal::is_abandoned(NodeId id) const {
    return static_cast<bool>(state::abandoned_around(execution(), run_->now_state(), node(id).instance));
}

bool Legal::is_skipped(NodeId id) const {
    return node(id).guard && state::decision_of(execution(), run_->now_state(), node(id).guard) == Decision::fails;
}

// A further attempt of what failed while the same process went on with the run is not held back by a window.
std::string Legal::fault_of_window(NodeId id, const Record& record) const {
    // Some time passes between the look at the clock and the record.
    static constexpr ports::Millis slack_ms = 1000;
    const program::WindowId window = run_->back ? program::WindowId() : node(id).window;
    const bool is_retry = at(id).phase == Phase::retrying && at(id).ended_as > run_->went_on_as;
    if (!window || is_retry) return "";
    const auto opening = program::opening_at(run_->plan->windows, window, record.at - slack_ms);
    if (opening && opening->from <= record.at) return "";
    const program::Window& of = run_->plan->windows[window.index()];
    return "it begins at " + program::moment_text(of.zone, record.at) + ", outside of its window, " +
           program::text_of(of);
}

Legal::Over Legal::over(NodeId id) const {
    const Phase phase = at(id).phase;
    if (phase == Phase::finished) return Over::yes;
    if (is_under_way(phase)) return Over::no;
    if (is_held(id)) return Over::no;
    if (is_abandoned(id)) return Over::if_those_before_are;
    if (phase == Phase::failed || phase == Phase::unreached) return Over::no;
    return node(id).type == Node::Type::join || is_skipped(id) ? Over::if_those_before_are : Over::no;
}

// A worklist instead of recursion: a plan may be a chain of a million joins. A node that is over is visited once.
NodeId Legal::not_over_at_or_before(NodeId id) {
    std::vector<std::pair<NodeId, std::uint32_t>> path{{id, execution().first_in[id.index()]}};
    while (!path.empty()) {
        auto& [here, edge] = path.back();
        const Over over_here = is_known_over_[here.index()] != 0 ? Over::yes : over(here);
        if (over_here == Over::no) return here;
        if (over_here == Over::if_those_before_are && edge < execution().first_in[here.index() + 1]) {
            const NodeId before = execution().in[edge++];
            if (is_known_over_[before.index()] == 0) path.emplace_back(before, execution().first_in[before.index()]);
            continue;
        }
        is_known_over_[here.index()] = 1;
        path.pop_back();
    }
    return {};
}

NodeId Legal::waits_for(NodeId id) {
    for (auto e = execution().first_in[id.index()]; e < execution().first_in[id.index() + 1]; ++e)
        if (const NodeId open = not_over_at_or_before(execution().in[e]); open) return open;
    return {};
}

std::string Legal::what_stops() {
    for (const NodeId id : not_well_) {
        if (at(id).phase == Phase::in_doubt) return quoted(node(id).id) + " is in doubt";
        if (!is_abandoned(id)) return quoted(node(id).id) + " has failed, and no iteration was abandoned with it";
    }
    if (run_->forward.rollback_because && !run_->back) return "the run is to be rolled back";
    return "";
}

// What must hold when a step begins, from what stops all to what concerns the step alone; the first fault is told.
std::string Legal::fault_of_start(const Record& record) {
    const auto found = execution().by_path.find(record.node);
    if (found == execution().by_path.end()) return "";  // replay reports that
    const NodeId id = found->second;
    if (const std::string stops = what_stops(); !stops.empty()) return "it begins although " + stops;
    if (is_abandoned(id)) return "it begins although its iteration was abandoned";
    if (is_skipped(id)) return "it begins although its `when` does not hold";
    if (node(id).guard && state::decision_of(execution(), run_->now_state(), node(id).guard) == Decision::open)
        return record.type == RecordType::failed ? fault_of_undecided(id) : "it begins before its `when` was decided";
    if (const NodeId open = waits_for(id); open) return "it begins before " + quoted(node(open).id) + " is over";
    if (is_held(id)) return "it begins although the run was to stop before " + quoted(run_->until);
    if (record.type == RecordType::started)
        if (std::string fault = fault_of_window(id, record); !fault.empty()) return fault;
    if (record.type == RecordType::started && record.attempt != at(id).attempt + 1)
        return "attempt " + std::to_string(record.attempt) + " follows attempt " + std::to_string(at(id).attempt);
    return "";
}

// Otherwise successors of a step done by hand could start before its predecessors end.
std::string Legal::fault_of_reconciliation(const Record& record) {
    const auto found = execution().by_path.find(record.node);
    if (found == execution().by_path.end() || at(found->second).phase != Phase::waiting) return "";
    const NodeId open = waits_for(found->second);
    return open ? "it is said to be done before " + quoted(node(open).id) + " is over" : "";
}

std::string Legal::fault_of_approval(const Record& record) {
    if (std::string fault = fault_of_start(record); !fault.empty()) return fault;
    const auto found = execution().by_path.find(record.node);
    if (found == execution().by_path.end()) return "";  // replay reports that
    return state::why_may_not_approve(*run_, node(found->second),
                                      {.by = record.by,
                                       .account = record.account,
                                       .host = record.host,
                                       .because = record.text,
                                       .said = record.said,
                                       .names = record.names});
}

// Whether some step under the guard waits for nothing else than its decision.
bool Legal::has_come(program::GuardId id) {
    const std::vector<NodeId>& within = within_guard_[id.index()];
    return std::any_of(within.begin(), within.end(),
                       [this](NodeId one) { return !is_abandoned(one) && !is_held(one) && !waits_for(one); });
}

program::Value Legal::value_of(program::GuardId id) const {
    const program::ExprPtr& condition = (*execution().guards)[id.index()].condition;
    return condition ? program::evaluate(*condition, state::env_of_conditions(*run_)) : program::Value::boolean(true);
}

// Whether the host of an action is a real one.
bool Legal::is_for_real(const Node& one) const {
    state::RunEnv env(*run_);
    env.frame.push_back(one.on ? program::Value::object(one.on) : program::Value());
    for (const auto& with : one.with) env.frame.push_back(with ? program::evaluate(*with, env) : program::Value());
    program::ObjectId host = one.on;
    if (const program::ExprPtr& at = execution().action(one)->at; at)
        if (const program::Value value = program::evaluate(*at, env); value.as_object() != nullptr)
            host = *value.as_object();
    const program::Plan& plan = *run_->plan;
    return host ? !program::is_simulated(plan.objects[host.index()])
                : program::simulated_part(plan) != program::Simulated::all;
}

// People are asked where nobody can decide a `when` under which nothing is done to a real host; a farm that is
// simulated as a whole goes on.
bool Legal::holds_undecided(program::GuardId id) const {
    if (program::simulated_part(*run_->plan) == program::Simulated::all)
        return state::as_if_larger(*(*execution().guards)[id.index()].condition, state::env_of_conditions(*run_));
    const std::vector<NodeId>& within = within_guard_[id.index()];
    return std::none_of(within.begin(), within.end(), [this](NodeId one) {
        return node(one).type == Node::Type::action && at(one).phase == Phase::waiting && !is_abandoned(one) &&
               is_for_real(node(one));
    });
}

// A `when` that nobody can decide fails a step under it, of which the turn may not have come.
std::string Legal::fault_of_undecided(NodeId id) {
    program::GuardId open;
    for (auto g = node(id).guard; g; g = (*execution().guards)[g.index()].parent)
        if (run_->now_state().guards[g.index()] == Decision::open) open = g;
    if (!has_come(open)) return "it fails for a `when` under which no step could begin";
    return value_of(open).as_boolean() == nullptr ? "" : "it fails before its `when` was decided";
}

// The condition is evaluated anew, from the records before this one: that is all that the engine may have known.
std::string Legal::fault_of_decision(const Record& record) {
    const auto found = execution().guard_by_step.find(record.node);
    if (found == execution().guard_by_step.end()) return "";
    const program::GuardId id = found->second;
    const program::Guard& guard = (*execution().guards)[id.index()];
    if (guard.parent && state::decision_of(execution(), run_->now_state(), guard.parent) != Decision::holds)
        return "it is decided although what is around it does not hold";
    if (const std::string stops = what_stops(); !stops.empty()) return "it is decided although " + stops;
    if (!has_come(id)) return "it is decided before any of its steps could begin";
    const program::Value value = value_of(id);
    const bool* known = value.as_boolean();
    const bool holds = known != nullptr ? *known : holds_undecided(id);
    // Before 0.3 none held that a farm which is simulated as a whole does not tell.
    const bool may_fail = known == nullptr && program::simulated_part(*run_->plan) == program::Simulated::all;
    const bool is_legal = holds == (record.value == "holds") || (may_fail && record.value == "fails");
    return is_legal ? "" : "it is decided otherwise than what was known says";
}

// A person may go on without any iteration.
std::string Legal::fault_of_abandonment(const Record& record) const {
    const auto found = execution().iteration_by_path.find(record.node);
    if (found == execution().iteration_by_path.end()) return "";
    if (!record.by.empty()) return run_->forward.rollback_because ? "the run is to be rolled back" : "";
    const auto& iterations = *execution().instances;
    const program::Instance& one = iterations[found->second.index()];
    const bool has_failed = std::any_of(not_well_.begin(), not_well_.end(), [&](NodeId id) {
        for (auto i = node(id).instance; i; i = iterations[i.index()].parent)
            if (i == found->second) return at(id).phase != Phase::in_doubt;
        return false;
    });
    if (!has_failed) return "nothing of it has failed";
    std::uint32_t abandoned = 1;
    for (std::size_t i = 0; i < iterations.size(); ++i)
        if (run_->now_state().abandoned[i] != 0 && iterations[i].loop == one.loop && iterations[i].parent == one.parent)
            ++abandoned;
    if (abandoned <= one.max_failures) return "";
    return "it is number " + std::to_string(abandoned) + " that is abandoned of " + quoted(one.loop) + ", and " +
           std::to_string(one.max_failures) + " may be";
}

// An iteration is tried again only when everything else is over, and then all of the plan has to be.
std::string Legal::fault_of_readmission(const Record& record) {
    for (std::size_t i = 0; i < execution().size(); ++i)
        if (const NodeId open = not_over_at_or_before(NodeId(i)); open)
            return quoted(record.node) + " is tried again before " + quoted(node(open).id) + " is over";
    return "";
}

// One that went back to a step may go on from there, once it is over.
std::string Legal::fault_of_rollback() {
    if (!run_->forward.rollback_because) return "nobody has decided it";
    for (std::size_t i = 0; run_->back && i < execution().size(); ++i)
        if (const NodeId open = not_over_at_or_before(NodeId(i)); open) return quoted(node(open).id) + " is not over";
    for (std::size_t i = 0; i < execution().size(); ++i)
        if (is_under_way(at(NodeId(i)).phase)) return quoted(node(NodeId(i)).id) + " is not over";
    return "";
}

// Only the ends that free the farm are checked: a run may halt anywhere.
std::string Legal::fault_of_halt(const Record& record) {
    const bool is_end = record.value == (run_->back ? "rolled back" : "done");
    if (!is_end) return record.value == "done" || record.value == "rolled back" ? "it did not come to this end" : "";
    for (std::size_t i = 0; i < execution().size(); ++i) {
        const NodeId id(i);
        if (const NodeId open = not_over_at_or_before(id); open) return quoted(node(open).id) + " is not over";
        if (node(id).type != Node::Type::join && is_abandoned(id) && at(id).phase != Phase::finished && !is_skipped(id))
            return quoted(node(id).id) + " was abandoned";
    }
    return "";
}

// What is said of a window: that it is closed while it is, or open while it is.
std::string Legal::fault_of_waiting(const Record& record) const {
    static constexpr ports::Millis slack_ms = 1000;
    const auto found = execution().by_path.find(record.node);
    if (found == execution().by_path.end() || !node(found->second).window) return "";
    const auto is_open = [&](ports::Millis at) {
        const auto opening = program::opening_at(run_->plan->windows, node(found->second).window, at);
        return opening && opening->contains(at);
    };
    if (is_open(record.at) == (record.value == "open") || is_open(record.at - slack_ms) == (record.value == "open"))
        return "";
    return "its window is said to be " + record.value + ", and was not";
}

// Called before the record is applied: what the engine knew is what came before it.
std::string Legal::fault(const Record& record) {
    switch (record.type) {
        case RecordType::started: return fault_of_start(record);
        case RecordType::failed: return record.attempt == 0 ? fault_of_start(record) : "";
        case RecordType::approved: return fault_of_approval(record);
        case RecordType::reconciled: return record.value == "finished" ? fault_of_reconciliation(record) : "";
        case RecordType::decided: return fault_of_decision(record);
        case RecordType::abandoned: return fault_of_abandonment(record);
        case RecordType::readmitted: return fault_of_readmission(record);
        case RecordType::rollback_began: return fault_of_rollback();
        case RecordType::halted: return fault_of_halt(record);
        case RecordType::window: return fault_of_waiting(record);
        default: return "";
    }
}

// What is known to be over stays so, but for iterations that are tried again and steps that a record holds back or
// moves.
void Legal::applied(const Record& record) {
    if (record.type == RecordType::rollback_began) return begin_program();
    if (record.type == RecordType::readmitted || record.type == RecordType::until)
        is_known_over_.assign(execution().size(), 0);
    const auto found = execution().by_path.find(record.node);
    if (found == execution().by_path.end() || record.type == RecordType::decided || record.type == RecordType::stopped)
        return;
    const Phase phase = at(found->second).phase;
    // An abandoned node counts as over until a later record moves it.
    if (is_known_over_[found->second.index()] != 0 && phase != Phase::finished)
        is_known_over_.assign(execution().size(), 0);
    if (phase == Phase::failed || phase == Phase::unreached || phase == Phase::in_doubt)
        not_well_.insert(found->second);
    else
        not_well_.erase(found->second);
}

}  // namespace pvsplan::verify
