#include "runtime/verify/requirements.hpp"

#include <algorithm>

#include "runtime/state/rollback_program.hpp"

namespace pvsplan::verify {

using journal::Record;
using program::Demand;
using program::NodeId;
using state::Phase;
using RecordType = Record::Type;

// Evaluated once before the first record: a state may be forbidden from the start.
Requirements::Requirements(const state::RunState& run)
    : run_(&run), states_(run), happened_(run.execution.size()), is_under_way_(run.execution.size(), 0) {
    for (const program::Requirement& one : run.plan->requirements) {
        watches_.push_back(watch_of(*run.plan, one.demand, states_));
        if (watches_.back()) watches_.back()->look(0);
    }
}

// Events are those of the forward program: what is undone later happened all the same.
// An approval, and what a person says is done, begin and end in one record.
void Requirements::note(const Record& record) {
    if (run_->back) return;
    const auto found = run_->execution.by_path.find(record.node);
    if (found == run_->execution.by_path.end()) return;
    const std::size_t i = found->second.index();
    const Phase phase = run_->forward.nodes[i].phase;
    Occurrence& one = happened_[i];
    const bool ends = record.type == RecordType::finished || record.type == RecordType::approved ||
                      (record.type == RecordType::reconciled && record.value == "finished");
    if (one.began == 0 && (record.type == RecordType::started || ends)) one.began = record.number;
    if (record.type == RecordType::started) one.done_after = record.number;
    if (ends && record.type != RecordType::finished) one.done_after = one.began;
    if (ends) one.finished = record.number;
    const bool is_under_way = state::is_under_way(phase);
    if (is_under_way == (is_under_way_[i] != 0)) return;
    is_under_way_[i] = is_under_way ? 1 : 0;
    for (const auto& watch : watches_) {
        if (!watch) continue;
        if (is_under_way)
            watch->begins(found->second);
        else
            watch->ends(found->second);
    }
}

// The order matters: what happened is noted before states are, and both before anything is judged.
void Requirements::after(const Record& record) {
    if (record.type == RecordType::rollback_began)
        is_recovering_ = std::any_of(run_->back->graph.nodes.begin(), run_->back->graph.nodes.end(),
                                     [](const program::Node& node) { return node.id.starts_with("recover:"); });
    for (const auto& watch : watches_)
        if (watch && is_recovering_) watch->recovers();
    note(record);
    const std::set<program::ObjectId> changed = states_.after(record);
    for (const auto& watch : watches_) {
        if (!watch) continue;
        for (const program::ObjectId object : changed) watch->changed(object, states_);
    }
    look_at_ = record.number;
    said_ = record.type == RecordType::reconciled ? record.said : "";
    if (said_.empty()) look();
}

// The decisions of one call describe one moment, before the call: they are evaluated after the last of them.
void Requirements::before(const Record& record) {
    if (record.type != RecordType::reconciled || record.said != said_) look();
    states_.before(record);
}

// Once for all records of one moment, by the last of them.
void Requirements::look() {
    if (look_at_ == 0) return;
    for (const auto& watch : watches_)
        if (watch) watch->look(look_at_);
    look_at_ = 0;
}

// A waived requirement is evaluated as the others are, and told as waived.
std::vector<RequirementOutcome> Requirements::outcomes() {
    look();
    const bool is_done = run_->halted == "done";
    for (std::size_t i = 0; i < happened_.size(); ++i) {
        const program::GuardId guard = run_->plan->graph.nodes[i].guard;
        happened_[i].is_skipped = guard && happened_[i].began == 0 &&
                                  state::decision_of(run_->execution, run_->forward, guard) != state::Decision::holds;
    }
    std::vector<RequirementOutcome> all;
    for (std::size_t i = 0; i < watches_.size(); ++i) {
        const program::Requirement& asked = run_->plan->requirements[i];
        RequirementOutcome one;
        if (asked.demand.form == Demand::Form::error) {
            one.compliance = RequirementOutcome::Compliance::not_told;
            one.text = "the compiled plan has its text only";
        } else if (watches_[i]) {
            if (is_done) watches_[i]->end(states_);
            one = watches_[i]->outcome();
        } else {
            one = look_back(*run_->plan, asked.demand, happened_, is_done);
        }
        one.name = asked.name;
        if (!asked.waived_because.empty()) one.compliance = RequirementOutcome::Compliance::waived;
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace pvsplan::verify
