#include "runtime/engine/runner.hpp"

#include <algorithm>

#include "compiler/base/check.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/engine/console_text.hpp"
#include "runtime/state/rollback_program.hpp"

namespace pvsplan::engine {

using program::InstanceId;
using program::Node;
using program::NodeId;
using state::Phase;
using Record = journal::Record;

namespace {

// "the schema stays new; what came before it stays as well: one, two"
std::string what_stays(const state::NoReturn& point) {
    std::string text = point.why;
    for (std::size_t i = 0; i < point.stays.size(); ++i)
        text += (i == 0 ? "; what came before it stays as well: " : ", ") + point.stays[i];
    return text;
}

}  // namespace

Runner::Runner(const Environment& environment, const program::Plan& plan, const Options& options, Observer& observer,
               ports::Lease lease, std::string run_id, state::RunState& run)
    : environment_(&environment),
      plan_(&plan),
      options_(options),
      observer_(&observer),
      run_(&run),
      journal_writer_(*environment.store, *environment.clock, std::move(lease), std::move(run_id), run),
      ready_(std::make_unique<Ready>(run.now(), run.now_state())) {
    (void)learn_secrets(plan, *environment.secrets,
                        redactor_);  // whoever begins or resumes a run has said what is missing
}

Event Runner::event_for(Event::Type is, NodeId id) const {
    const Node& node = node_of(id);
    Event event{.type = is, .node = node.id, .place = node.source};
    if (node.on) event.object = plan_->objects[node.on.index()].id;
    return event;
}

// Counts are those at the time of the event, after the records that caused it.
void Runner::tell(Event event) {
    event.at = environment_->clock->now();
    event.steady = environment_->clock->steady();
    event.run = journal_writer_.run_id();
    event.running = active_.size();
    event.over = ready_->steps_over();
    const std::uint64_t gone = event.over + event.running;
    event.left = ready_->steps() > gone ? ready_->steps() - gone : 0;
    event.text = event.type == Event::Type::step_output ? redactor_.clean_line(as_utf8(std::move(event.text)))
                                                        : redactor_.clean(std::move(event.text));
    journal_writer_.tell(std::move(event));
}

void Runner::announce(Event::Type is, const std::string& text) {
    Event event;
    event.type = is;
    event.text = text;
    event.simulated = program::simulated_text(*plan_);
    event.nodes = run_->now().graph;
    for (std::size_t i = 0; i < run_->now().size(); ++i)
        if (ready_->is_over(NodeId(i))) event.over_before.emplace_back(i);
    tell(std::move(event));
}

void Runner::write(Record record, NodeId node) {
    record.node = node_of(node).id;
    record.text = redactor_.clean(std::move(record.text));
    const bool is_failure = record.type == Record::Type::failed || record.type == Record::Type::unreached;
    journal_writer_.write(std::move(record));
    if (is_failure) decide_what_follows(node);
    ready_->changed(node);
}

// Recorded in one commit with the failure, so no crash can come between the failure and the decision.
void Runner::decide_what_follows(NodeId failed) {
    const Phase phase = run_->now_state().nodes[failed.index()].phase;
    if (phase != Phase::failed && phase != Phase::unreached) return;  // it is tried again
    const Consequence follows = consequence_of(run_->now(), run_->now_state(), failed);
    if (follows.abandons)
        journal_writer_.write({.type = Record::Type::abandoned,
                               .node = (*run_->now().instances)[follows.abandons.index()].path,
                               .text = follows.because});
    const bool rolls_back = run_->forward.rollback_because && !run_->is_rolling_back();
    if (follows.stop == HaltReason::no || rolls_back) return;
    journal_writer_.write({.type = Record::Type::stopped,
                           .node = node_of(failed).id,
                           .value = follows.stop == HaltReason::roll_back ? "rollback" : "halt",
                           .text = follows.because});
}

void Runner::decide_rollback(const std::string& because) {
    journal_writer_.write(
        {.type = Record::Type::stopped, .value = "rollback", .text = because, .by = environment_->me.user});
    look_anew();
}

// A step that failed, or is to start again, and changed nothing as observed, needs no undo.
void Runner::clear_what_changed_nothing() {
    for (std::size_t i = 0; i < run_->now().size(); ++i) {
        const state::NodeState& at = run_->now_state().nodes[i];
        const bool is_at_rest = at.phase == Phase::failed || at.phase == Phase::waiting || at.phase == Phase::retrying;
        if (!is_at_rest || !at.began || is_set_since(NodeId(i))) continue;
        const Prepared prepared = prepare(*run_, node_of(NodeId(i)));
        state::ObjectStates seen;
        for (const Set& set : prepared.sets) {
            const auto& known = run_->farm[set.object.index()];
            if (const auto value = known.find(set.attribute); value != known.end()) seen[set.object].insert(*value);
        }
        if (shows(prepared.sets, at.before, seen) != journal::Shows::nothing) continue;
        write({.type = Record::Type::reconciled, .value = "untouched", .text = "it changed nothing"}, NodeId(i));
    }
}

// Ends the waiting for people.
void Runner::let_persons_go() {
    std::vector<NodeId> waiting;
    for (const auto& [node, active] : active_) waiting.push_back(node);
    for (const NodeId node : waiting) reconciled_as(active_.at(node), "begun", "it may have begun");
}

void Runner::begin_rollback() {
    const std::string because = *run_->forward.rollback_because;
    let_persons_go();
    clear_what_changed_nothing();
    refuse_what_is_left("the run was rolled back before it came there");
    journal_writer_.write(
        {.type = Record::Type::rollback_began, .text = redactor_.clean(because), .by = environment_->me.user});
    ready_ = std::make_unique<Ready>(run_->now(), run_->now_state());
    writers_.reset();
    not_before_.clear();
    asked_.clear();
    readmit_.clear();
    announce(Event::Type::rollback_began, because);
    for (const state::NoReturn& stays : run_->back->no_return)
        tell({.type = Event::Type::point_of_no_return, .node = stays.node, .text = what_stays(stays)});
}

Ended Runner::go() {
    for (;;) {
        if (environment_->signals->count() >= 2) {
            for (const auto& [node, active] : active_)
                if (active.transport) active.transport->forget(active.key);
            return halt(Outcome::interrupted, "interrupted; what ran is looked at when the run is resumed", {});
        }
        if (environment_->signals->count() > 0 && !std::exchange(told_to_stop_, true))
            tell({.type = Event::Type::stopping,
                  .text = active_.empty() ? "asked to stop"
                                          : "asked to stop; what runs is waited for, asked again it is left alone"});
        if (environment_->signals->count() == 0) {
            receive_decisions();
            decide_guards();
            ask_for_approvals();
            begin_what_is_due();
        }
        if (base::Status flushed = flush(); !flushed) return give_up(flushed.error());
        if (has_lost_the_farm()) return yield();
        if (journal_writer_.has_records() || has_more_to_begin()) continue;
        if (is_idle()) {
            if (std::optional<Ended> ended = halted_at()) return std::move(*ended);
            if (journal_writer_.has_records() || is_reconciling())
                continue;  // it rolls back, or tries an abandoned iteration again
        }
        for (const ports::JobEvent& event : environment_->clock->wait(*environment_->mailbox, deadline()))
            handle(event);
        const ports::Millis now = environment_->clock->steady();
        std::vector<NodeId> due;
        for (const auto& [node, active] : active_)
            if (active.stage == Active::Stage::polling && active.look_at <= now) due.push_back(node);
        for (const NodeId node : due) observe(active_.at(node));
        if (now - told_at_ >= options_.heartbeat_ms) tell({.type = Event::Type::heartbeat});
    }
}

bool Runner::is_idle() const {
    const auto runs = [](const auto& entry) { return entry.second.stage != Active::Stage::person; };
    return to_send_.empty() && std::none_of(active_.begin(), active_.end(), runs);
}

bool Runner::is_reconciling() const {
    return std::any_of(active_.begin(), active_.end(), [](const auto& entry) { return entry.second.is_reconciling; });
}

// Whether something may start since the records of this turn were written.
bool Runner::has_more_to_begin() const {
    if (environment_->signals->count() > 0) return false;
    if (!ready_->decide().empty()) return true;
    if (active_.size() >= options_.max_parallel) return false;
    const ports::Millis now = environment_->clock->steady();
    return std::any_of(ready_->start().begin(), ready_->start().end(), [&](NodeId node) {
        const auto wait = not_before_.find(node);
        return !active_.contains(node) && (wait == not_before_.end() || wait->second <= now);
    });
}

std::optional<ports::Millis> Runner::deadline() {
    const ports::Millis now = environment_->clock->steady();
    ports::Millis at = now + options_.heartbeat_ms;
    for (const auto& [name, transport] : environment_->transports)
        if (const auto wants = transport->turn(now)) at = std::min(at, *wants);
    // A retry whose time has come but that has not started waits for another step to end, so it sets no deadline.
    for (const auto& [node, when] : not_before_)
        if (when > now) at = std::min(at, when);
    for (const auto& [node, active] : active_)
        if (active.stage == Active::Stage::polling) at = std::min(at, active.look_at);
    if (environment_->signals->count() == 0) at = std::min(at, received_at_ + options_.messages_every_ms);
    at = std::min(at, looked_at_ + options_.messages_every_ms);
    return std::max(at, now);
}

// What to do when nothing runs: halt, begin the rollback, or wait for a person or a retry.
std::optional<Ended> Runner::halted_at() {
    const bool is_back = run_->is_rolling_back();
    if (environment_->signals->count() > 0)
        return halt(Outcome::interrupted, "interrupted; nothing is running", wanted());
    if (ready_->stop() == HaltReason::roll_back) {
        begin_rollback();
        return std::nullopt;
    }
    if (ready_->is_complete() && active_.empty()) {
        if (!readmit_.empty()) {
            readmit(readmit_.front());
            return std::nullopt;
        }
        if (const std::vector<InstanceId> left = abandoned_iterations(); !left.empty()) return end_without(left);
        if (!is_back) return halt(Outcome::done, "all steps are done", {});
        if (run_->back->no_return.empty()) return halt(Outcome::rolled_back, "all that was done is undone", {});
        return halt(Outcome::in_doubt, "what could be undone is undone; some steps stay as they are", wanted());
    }
    switch (ready_->stop()) {
        case HaltReason::doubt: return halt(Outcome::in_doubt, "a step is in doubt: an operator must decide", wanted());
        case HaltReason::roll_back:
        case HaltReason::failed: {
            if (is_back) return halt(Outcome::in_doubt, "the rollback failed: an operator must decide", wanted());
            const std::vector<Wanted> all = wanted();
            const bool only_unreached = std::none_of(
                all.begin(), all.end(), [](const Wanted& one) { return one.type == Wanted::Type::failed; });
            return halt(Outcome::failed,
                        only_unreached ? "a host was not reached, nothing was done there; the run is halted"
                                       : "a step failed; the run is halted",
                        all);
        }
        case HaltReason::no: break;
    }
    const bool waits = !ready_->approve().empty() || !active_.empty();
    if (!ready_->start().empty() || !ready_->decide().empty()) return std::nullopt;  // a retry is not due yet
    base::check(waits, "a run that is not over has something that can go on");
    if (options_.person) return std::nullopt;
    return halt(Outcome::waiting, "the run waits for a person", wanted());
}

std::vector<InstanceId> Runner::abandoned_iterations() const {
    const state::ExecutionGraph& execution = run_->now();
    const state::ExecutionState& state = run_->now_state();
    std::vector<char> is_left(execution.instances->size(), 0);
    for (std::size_t i = 0; i < execution.size(); ++i) {
        const Node& node = execution.graph->nodes[i];
        if (node.type == Node::Type::join || !node.instance || state.nodes[i].phase == Phase::finished) continue;
        if (node.guard && state::decision_of(execution, state, node.guard) == state::Decision::fails) continue;
        if (const InstanceId around = state::abandoned_around(execution, state, node.instance); around)
            is_left[around.index()] = 1;
    }
    std::vector<InstanceId> left;
    for (std::size_t i = 0; i < is_left.size(); ++i)
        if (is_left[i] != 0) left.emplace_back(i);
    return left;
}

void Runner::keep_abandoned(InstanceId iteration, const std::string& why) {
    for (std::size_t i = 0; i < run_->now().size(); ++i) {
        const Phase phase = run_->now_state().nodes[i].phase;
        if (phase != Phase::failed && phase != Phase::unreached) continue;
        if (state::abandoned_around(run_->now(), run_->now_state(), node_of(NodeId(i)).instance) != iteration) continue;
        Event event = event_for(Event::Type::step_reconciled, NodeId(i));
        event.text = "it is not tried again: " + why;
        tell(std::move(event));
    }
}

// All else is over: tries again an iteration that an earlier process abandoned. One that this process abandoned is left
// to a person.
void Runner::readmit(InstanceId iteration) {
    readmit_.pop_front();
    std::vector<NodeId> failed;
    for (std::size_t i = 0; i < run_->now().size(); ++i) {
        const Phase phase = run_->now_state().nodes[i].phase;
        const bool is_within =
            state::abandoned_around(run_->now(), run_->now_state(), node_of(NodeId(i)).instance) == iteration;
        if (is_within && (phase == Phase::failed || phase == Phase::unreached)) failed.emplace_back(i);
    }
    journal_writer_.write({.type = Record::Type::readmitted, .node = (*run_->now().instances)[iteration.index()].path});
    look_anew();
    for (const NodeId node : failed) reconcile(node);
}

Ended Runner::end_without(const std::vector<InstanceId>& left) {
    std::string names;
    for (const InstanceId one : left)
        names += (names.empty() ? "`" : ", `") + (*run_->now().instances)[one.index()].path + "`";
    return halt(
        Outcome::failed,
        names + (left.size() == 1 ? " was" : " were") + " left where it failed, all others are done; the run is halted",
        wanted());
}

std::vector<Wanted> Runner::wanted() const {
    std::vector<Wanted> all;
    for (const NodeId id : ready_->approve()) all.push_back({Wanted::Type::approval, node_of(id).id, node_of(id).text});
    for (const auto& [id, active] : active_)
        if (active.stage == Active::Stage::person) all.push_back({Wanted::Type::manual, node_of(id).id, active.why});
    for (std::size_t i = 0; i < run_->now().size(); ++i) {
        const state::NodeState& at = run_->now_state().nodes[i];
        const std::string& path = node_of(NodeId(i)).id;
        if (at.phase == Phase::in_doubt) all.push_back({Wanted::Type::doubt, path, at.text});
        if (at.phase == Phase::failed) all.push_back({Wanted::Type::failed, path, at.text});
        if (at.phase == Phase::unreached) all.push_back({Wanted::Type::unreached, path, at.text});
    }
    if (run_->back)
        for (const state::NoReturn& stays : run_->back->no_return)
            all.push_back({Wanted::Type::no_return, stays.node, what_stays(stays)});
    return all;
}

void Runner::refuse_what_is_left(const std::string& because) {
    for (Record& record : refused_for_good(*run_, because)) journal_writer_.write(std::move(record));
}

Ended Runner::halt(Outcome outcome, const std::string& text, std::vector<Wanted> wanted) {
    if (outcome == Outcome::done || outcome == Outcome::rolled_back) {
        receive_messages();
        refuse_what_is_left("the run did not come there");
    }
    Ended ended{.outcome = outcome,
                .run = journal_writer_.run_id(),
                .message = text + (program::simulated_part(*plan_) == program::Simulated::all ? " (simulated)" : ""),
                .wanted = std::move(wanted),
                .signal = outcome == Outcome::interrupted ? environment_->signals->number() : 0,
                .is_asked = outcome == Outcome::rolled_back && run_->is_rollback_asked};
    journal_writer_.write({.type = Record::Type::halted, .value = std::string(name_of(outcome)), .text = text});
    journal_writer_.set_outcome(std::string(name_of(outcome)));
    tell({.type = Event::Type::run_ended, .text = ended.message});
    if (base::Status flushed = flush(); !flushed) return give_up(flushed.error());
    if (base::Status released = environment_->store->release_farm(journal_writer_.lease()); !released)
        ended.message += " (" + released.error().text() + ")";
    return ended;
}

// Checked as often as the inbox, so that a process that waits for hours soon notices that its lease is lost.
bool Runner::has_lost_the_farm() {
    const ports::Millis now = environment_->clock->steady();
    if (now - looked_at_ < options_.messages_every_ms) return false;
    looked_at_ = now;
    const base::Result<bool> holds = environment_->store->holds(journal_writer_.lease());
    return holds && !*holds;
}

// Another process has the lease: this one may not record or start anything more.
Ended Runner::yield() {
    for (const auto& [node, active] : active_)
        if (active.transport) active.transport->forget(active.key);
    std::string by = "another process";
    if (const auto holder = environment_->store->holder(plan_->farm); holder && *holder) by = text_of((*holder)->who);
    return {.outcome = Outcome::held,
            .run = journal_writer_.run_id(),
            .message = "the run was taken over by " + by +
                       ": this process has stopped; what it had started on hosts goes on there",
            .other = Standing::Type::under_way};
}

// The journal cannot be written: no further command starts, and what was recorded stays.
Ended Runner::give_up(const base::Error& error) {
    if (const base::Result<bool> holds = environment_->store->holds(journal_writer_.lease()); holds && !*holds)
        return yield();
    for (const auto& [node, active] : active_)
        if (active.transport) active.transport->forget(active.key);
    (void)environment_->store->release_farm(journal_writer_.lease());
    return {.outcome = Outcome::wrong,
            .run = journal_writer_.run_id(),
            .message = "the journal cannot be written, so nothing further was started: " + error.text() +
                       "; resume the run when the store can be written again"};
}

}  // namespace pvsplan::engine
