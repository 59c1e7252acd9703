#include "runtime/engine/runner.hpp"

#include <algorithm>

#include "compiler/base/check.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/engine/attempt_end.hpp"
#include "runtime/engine/halting.hpp"
#include "runtime/engine/lease.hpp"
#include "runtime/engine/missing.hpp"
#include "runtime/engine/wanted.hpp"
#include "runtime/state/rollback_program.hpp"
#include "runtime/state/untold.hpp"

namespace pvsplan::engine {

using program::InstanceId;
using program::Node;
using program::NodeId;
using state::Phase;
using Record = journal::Record;

namespace {

// Told once the first records are durable.
void announce(Recorder& recorder, Event::Type type, const std::string& text) {
    Event event;
    event.type = type;
    event.text = text;
    event.simulated = program::simulated_text(recorder.plan());
    event.nodes = recorder.run().now().graph;
    // What an earlier process has done is no news; views count it as over from the start.
    for (std::size_t i = 0; i < recorder.run().now().size(); ++i)
        if (recorder.ready().is_over(NodeId(i))) event.over_before.emplace_back(i);
    recorder.tell(std::move(event));
}

// A step that failed, or is to start again, and changed nothing as observed, needs no undo.
void clear_what_changed_nothing(Recorder& recorder) {
    const state::RunState& run = recorder.run();
    for (std::size_t i = 0; i < run.now().size(); ++i) {
        const state::NodeState& at = recorder.state(NodeId(i));
        const bool is_at_rest = at.phase == Phase::failed || at.phase == Phase::waiting || at.phase == Phase::retrying;
        if (!is_at_rest || !at.began || recorder.is_set_since(NodeId(i))) continue;
        const Prepared prepared = prepare(run, recorder.node(NodeId(i)));
        state::ObjectStates seen;
        for (const Set& set : prepared.sets) {
            const auto& known = run.farm[set.object.index()];
            if (const auto value = known.find(set.attribute); value != known.end()) seen[set.object].insert(*value);
        }
        if (shows(prepared.sets, at.before, seen) != journal::Shows::nothing) continue;
        recorder.write({.type = Record::Type::reconciled, .value = "untouched", .text = "it changed nothing"},
                       NodeId(i));
    }
}

// The step that fails because a `when` cannot be decided: the first one under it that could still run. None if there
// are only approvals under it, or steps that the simulated farm runs, which has no outputs.
NodeId stopped_by(const Recorder& recorder, program::GuardId guard) {
    const state::RunState& run = recorder.run();
    const auto& guards = *run.now().guards;
    for (std::size_t i = 0; i < run.now().size(); ++i) {
        const Node& node = recorder.node(NodeId(i));
        bool is_under = false;
        for (auto at = node.guard; at && !is_under; at = guards[at.index()].parent) is_under = at == guard;
        const bool is_left = recorder.ready().is_given_up(NodeId(i)) || state::is_held(run.now_state(), NodeId(i));
        if (!is_under || node.type != Node::Type::action || is_left) continue;
        if (recorder.state(NodeId(i)).phase == Phase::waiting && !is_modelled(run, node)) return NodeId(i);
    }
    return {};
}

// The steps of an abandoned iteration that failed, or were not reached.
std::vector<NodeId> failed_within(const Recorder& recorder, InstanceId iteration) {
    const state::RunState& run = recorder.run();
    std::vector<NodeId> failed;
    for (std::size_t i = 0; i < run.now().size(); ++i) {
        const Phase phase = recorder.state(NodeId(i)).phase;
        if (phase != Phase::failed && phase != Phase::unreached) continue;
        if (state::abandoned_around(run.now(), run.now_state(), recorder.node(NodeId(i)).instance) == iteration)
            failed.emplace_back(i);
    }
    return failed;
}

}  // namespace

Runner::Runner(const Environment& environment, const Options& options, Observer& observer, Recorder& recorder,
               std::optional<ports::Claim> claim, Places places)
    : environment_(&environment),
      options_(options),
      observer_(&observer),
      recorder_(&recorder),
      attempts_(recorder, options_, std::move(claim), std::move(places)),
      inbox_(recorder, attempts_, options_),
      window_waits_(recorder),
      notices_(recorder) {}

// What was under way is reconciled before anything new is looked for, so it takes its places under `max_parallel`
// first.
void Runner::begin(const Beginning& beginning) {
    for (const NodeId node : beginning.reconcile) attempts_.reconcile(node);
    announce(*recorder_, beginning.as, recorder_->run_id());
    notices_.send_what_is_left();
    for (const std::string& note : beginning.notes) recorder_->tell({.type = Event::Type::note, .text = note});
    for (const auto& [iteration, why] : beginning.keep) keep_abandoned(iteration, why);
    if (!options_.until.empty() && options_.until != recorder_->run().until) {
        recorder_->journal().write({.type = Record::Type::until,
                                    .node = options_.until,
                                    .by = environment_->me.user,
                                    .host = environment_->me.host});
        recorder_->look_anew();
    }
    if (const std::string& until = recorder_->run().until; !until.empty() && !recorder_->run().forward.rollback_because)
        recorder_->tell({.type = Event::Type::note, .text = "the run stops before `" + until + "`"});
    readmit_.assign(beginning.readmit.begin(), beginning.readmit.end());
}

// Tells each step of an iteration that is not tried again, with the reason for it.
void Runner::keep_abandoned(InstanceId iteration, const std::string& why) {
    for (const NodeId node : failed_within(*recorder_, iteration)) {
        Event event = recorder_->event_for(Event::Type::step_reconciled, node);
        event.text = "it is not tried again: " + why;
        recorder_->tell(std::move(event));
    }
}

Ended Runner::go(const Beginning& beginning) {
    begin(beginning);
    const ports::Signals& signals = *environment_->signals;
    // One turn: what came in becomes records, what may start becomes records, all of it is committed, and only then
    // commands go out. A turn that wrote records begins the next one without waiting.
    for (;;) {
        // The second signal leaves what runs alone: hosts go on, and the run can be resumed.
        if (signals.count() >= 2) {
            attempts_.forget();
            return halt(Outcome::interrupted, "interrupted; what ran is looked at when the run is resumed", {});
        }
        if (signals.count() > 0 && !std::exchange(told_to_stop_, true))
            recorder_->tell({.type = Event::Type::stopping,
                             .text = attempts_.under_way().empty()
                                         ? "asked to stop"
                                         : "asked to stop; what runs is waited for, asked again it is left alone"});
        // After the first signal nothing new begins. What was begun is still recorded and waited for.
        if (signals.count() == 0) {
            inbox_.receive();
            decide_guards();
            inbox_.ask_for_approvals();
            begin_what_is_due();
        }
        notices_.record_deliveries();
        notices_.queue_what_is_due();
        if (base::Status flushed = flush(); !flushed) return give_up(flushed.error());
        if (has_lost_the_farm()) return give_up(base::Error{"the farm is not held any more"});
        if (recorder_->journal().has_records() || has_more_to_begin()) continue;
        if (skip_time()) {
            attempts_.poll();
            continue;
        }
        if (attempts_.is_idle()) {
            if (std::optional<Ended> ended = halt_if_idle()) return std::move(*ended);
            // It rolls back, or tries an abandoned iteration again.
            if (recorder_->journal().has_records() || attempts_.is_reconciling()) continue;
        }
        for (const ports::JobEvent& event : environment_->clock->wait(*environment_->mailbox, deadline()))
            attempts_.handle(event);
        attempts_.poll();
        if (environment_->clock->steady() - told_at_ >= options_.heartbeat_ms)
            recorder_->tell({.type = Event::Type::heartbeat});
    }
}

// Decides each guard once, when the first node under it could start. A decision may make further guards askable, so the
// loop goes on until none is left.
void Runner::decide_guards() {
    const state::RunState& run = recorder_->run();
    while (!recorder_->ready().decide().empty()) {
        const program::GuardId id = *recorder_->ready().decide().begin();
        const program::Guard& guard = (*run.now().guards)[id.index()];
        const state::RunEnv env = state::env_of_conditions(run);
        const program::Value value =
            guard.condition ? program::evaluate(*guard.condition, env) : program::Value::boolean(true);
        if (value.as_boolean() == nullptr)
            if (const NodeId stopped = stopped_by(*recorder_, id); stopped) {
                refuse(*recorder_, stopped,
                       "its `when` cannot be decided: " + missing_text(*guard.condition, run, env));
                continue;
            }
        // If it is undecided, people are asked; only a farm that is simulated as a whole goes on.
        const bool asks = value.as_boolean() == nullptr &&
                          transport_name(recorder_->plan(), nullptr, program::Body::Type::none) != "simulated";
        recorder_->decide(id, asks || !guard.condition || state::as_if_larger(*guard.condition, env));
    }
    for (const NodeId node : recorder_->take_passed()) {
        Event event = recorder_->event_for(Event::Type::step_skipped, node);
        event.text = recorder_->ready().is_given_up(node) ? "its iteration is left where it is" : "`when` says so";
        recorder_->tell(std::move(event));
    }
}

// Whether something may start without that a window opens.
bool Runner::can_go_on() {
    const Ready& ready = recorder_->ready();
    return !ready.decide().empty() || std::any_of(ready.start().begin(), ready.start().end(),
                                                  [&](NodeId node) { return !window_waits_.holds(node); });
}

void Runner::begin_what_is_due() {
    window_waits_.record();
    const ports::Millis now = environment_->clock->steady();
    std::vector<NodeId> due;  // a copy, bounded by the free places: starting them changes the set
    for (const NodeId node : recorder_->ready().start()) {
        if (attempts_.under_way().size() + due.size() >= options_.max_parallel) break;
        if (attempts_.may_begin(node, now) && !window_waits_.holds(node)) due.push_back(node);
    }
    for (const NodeId node : due) {
        // Starting one may have failed it, which may stop all others.
        if (recorder_->ready().stop() != HaltReason::no) return;
        attempts_.begin(node);
    }
}

// Whether something may start since the records of this turn were written.
bool Runner::has_more_to_begin() {
    if (environment_->signals->count() > 0) return false;
    const Ready& ready = recorder_->ready();
    if (!ready.decide().empty()) return true;
    if (attempts_.under_way().size() >= options_.max_parallel) return false;
    const ports::Millis now = environment_->clock->steady();
    return std::any_of(ready.start().begin(), ready.start().end(),
                       [&](NodeId node) { return attempts_.may_begin(node, now) && !window_waits_.holds(node); });
}

// Write-ahead: first the records are durable, then observers are told, then commands are issued. Commands that wait in
// the store go into the commit of their records.
base::Status Runner::flush() {
    JournalWriter& journal = recorder_->journal();
    if (journal.has_records() && attempts_.has_commands())
        // Where the lease may expire soon, nothing goes with the records: it is asked again below, once they are
        // durable.
        if (const base::Result<bool> may = environment_->store->may_command(journal.lease()); may && *may)
            attempts_.send_with_records();
    if (base::Status committed = journal.commit(); !committed) return committed;
    inbox_.remove_answered();
    for (const Event& event : journal.take_events()) {
        told_at_ = event.steady;
        observer_->on(event);
        notices_.take_note(event);
    }
    notices_.send_queued();
    if (attempts_.has_commands()) {
        const base::Result<bool> may_command = environment_->store->may_command(journal.lease());
        if (!may_command) return may_command.error();
        // The records say `started`, and no command went out: whoever resumes the run asks the hosts, which know of
        // none.
        if (!*may_command) return base::Error{"the lease on the farm may expire before a command arrives"};
    }
    attempts_.send();
    return base::Done{};
}

// The earliest of all that this turn waits for. Messages and the lease have no way to wake the loop, so it looks at
// them as often as the options say.
ports::Millis Runner::deadline() {
    const ports::Millis now = environment_->clock->steady();
    ports::Millis at = now + options_.heartbeat_ms;
    for (const auto& [name, transport] : environment_->transports)
        if (const auto wants = transport->turn(now)) at = std::min(at, *wants);
    if (const std::optional<ports::Millis> next = due()) at = std::min(at, *next);
    if (const auto notice = notices_.due()) at = std::min(at, *notice);
    at = std::min(at, looked_at_ + options_.messages_every_ms);
    return std::max(at, now);
}

// When something is due that only time brings: a retry, the next look of a `wait`, the opening of a window.
std::optional<ports::Millis> Runner::due() {
    const ports::Millis now = environment_->clock->steady();
    std::optional<ports::Millis> at = attempts_.due(now);
    if (const std::optional<ports::Millis> opens_in = window_waits_.due_in())
        at = std::min(at.value_or(now + *opens_in), now + *opens_in);
    return at;
}

// On a simulated farm nobody waits for what only time brings.
bool Runner::skip_time() {
    if (environment_->signals->count() > 0 || !attempts_.only_time_passes()) return false;
    const std::optional<ports::Millis> next = due();
    return next && environment_->clock->skip_to(*next);
}

// Nothing runs: halts, begins the rollback, tries an abandoned iteration again, or goes on waiting.
std::optional<Ended> Runner::halt_if_idle() {
    const state::RunState& run = recorder_->run();
    const Ready& ready = recorder_->ready();
    const std::vector<state::NodeState>& nodes = run.now_state().nodes;
    const auto has_failed = [](const state::NodeState& at) { return at.phase == Phase::failed; };
    const std::vector<Wanted> windows = window_waits_.wanted();
    Idle idle{
        .is_interrupted = environment_->signals->count() > 0,
        .stop = ready.stop(),
        .is_complete = ready.is_complete() && attempts_.under_way().empty(),
        .has_readmissions = !readmit_.empty(),
        .is_rolling_back = run.is_rolling_back(),
        .has_no_return = run.back && !run.back->no_return.empty(),
        .back_to = run.back_to,
        .only_unreached = ready.stop() == HaltReason::failed && std::none_of(nodes.begin(), nodes.end(), has_failed),
        .can_go_on = can_go_on(),
        .wants_people = !ready.approve().empty() || !attempts_.under_way().empty(),
        .window = window_waits_.next_opening(),
        .until = run.is_rolling_back() ? "" : run.until,
        .has_person = options_.person != nullptr};
    // Only a complete run is told what it went without; in any other these may still be tried.
    if (idle.is_complete)
        for (const InstanceId one : abandoned_iterations(run.now(), run.now_state())) {
            const bool is_left_out = run.now_state().left_out.contains(one);
            (is_left_out ? idle.left_out : idle.abandoned).push_back((*run.now().instances)[one.index()].path);
        }
    Halting halting = halting_of(idle);
    switch (halting.then) {
        case Halting::Then::begin_rollback: begin_rollback(); return std::nullopt;
        case Halting::Then::readmit: readmit(); return std::nullopt;
        case Halting::Then::wait: return std::nullopt;
        case Halting::Then::halt: break;
    }
    if (halting.outcome == Outcome::done || halting.outcome == Outcome::rolled_back)
        return halt(halting.outcome, halting.text, {});
    std::vector<Wanted> wanted = wanted_of(recorder_->run_id(), run, ready);
    if (halting.outcome == Outcome::waiting) wanted.insert(wanted.end(), windows.begin(), windows.end());
    if (halting.is_reached) {
        wanted.push_back(
            {.type = Wanted::Type::until, .node = run.until, .text = "everything that does not come after it is done"});
        recorder_->journal().write({.type = Record::Type::until, .text = "it has come there"});
    }
    base::check(halting.outcome != Outcome::waiting || !wanted.empty(), "a run that waits for people wants something");
    return halt(halting.outcome, halting.text, std::move(wanted));
}

// Nothing is under way here but what persons do. What may have begun is decided first, since the rollback program is
// derived from how far each step is when its record is applied.
void Runner::begin_rollback() {
    const std::string because = *recorder_->run().forward.rollback_because;
    attempts_.stop_waiting_for_persons();
    clear_what_changed_nothing(*recorder_);
    inbox_.refuse_what_is_left("the run was rolled back before it came there");
    recorder_->journal().write({.type = Record::Type::rollback_began,
                                .text = recorder_->redactor().clean(because),
                                .by = environment_->me.user});
    recorder_->follow_rollback();
    attempts_.forget_retries();
    inbox_.begin_anew();
    readmit_.clear();
    announce(*recorder_, Event::Type::rollback_began, because);
    for (const program::NoReturn& stays : recorder_->run().back->no_return)
        recorder_->tell({.type = Event::Type::point_of_no_return, .node = stays.node, .text = what_stays(stays)});
}

// All else is over: tries again the next iteration that an earlier process abandoned. One that this process abandoned
// is left to a person.
void Runner::readmit() {
    const InstanceId iteration = readmit_.front();
    readmit_.pop_front();
    const std::vector<NodeId> failed = failed_within(*recorder_, iteration);
    recorder_->journal().write(
        {.type = Record::Type::readmitted, .node = (*recorder_->run().now().instances)[iteration.index()].path});
    recorder_->look_anew();
    for (const NodeId node : failed) attempts_.reconcile(node);
}

// What people said counts to the last moment of a run that ends; one that only halts leaves its messages to whoever
// resumes it.
Ended Runner::halt(Outcome outcome, const std::string& text, std::vector<Wanted> wanted) {
    const bool is_over = outcome == Outcome::done || outcome == Outcome::rolled_back;
    if (is_over) {
        inbox_.receive_messages();
        inbox_.refuse_what_is_left("the run did not come there");
    }
    JournalWriter& journal = recorder_->journal();
    const bool is_simulated = program::simulated_part(recorder_->plan()) == program::Simulated::all;
    Ended ended{.outcome = outcome,
                .run = journal.run_id(),
                .message = text + (is_simulated ? " (simulated)" : ""),
                .wanted = std::move(wanted),
                .reach = is_over ? RollbackReach::all : reach_of(recorder_->run()),
                .signal = outcome == Outcome::interrupted ? environment_->signals->number() : 0,
                .is_asked = outcome == Outcome::rolled_back && recorder_->run().is_rollback_asked};
    journal.write({.type = Record::Type::halted, .value = std::string(name_of(outcome)), .text = text});
    journal.set_outcome(std::string(name_of(outcome)));
    notices_.queue_the_end(ended);
    recorder_->tell({.type = Event::Type::run_ended, .text = ended.message});
    if (base::Status flushed = flush(); !flushed) return give_up(flushed.error());
    // Whoever interrupts sits there and knows.
    if (outcome != Outcome::interrupted) finish_telling(ended);
    if (base::Status released = environment_->store->release(journal.lease()); !released)
        ended.message += " (" + released.error().text() + ")";
    return ended;
}

// All is recorded. Whether somebody could be told changes nothing of how the run ends.
void Runner::finish_telling(Ended& ended) {
    notices_.finish();
    ended.untold = notices_.untold();
    if (base::Status flushed = flush(); !flushed)
        ended.untold.push_back("who was told is not recorded: " + flushed.error().text());
}

// Checked as often as the inbox, so that a process that waits for hours soon notices that its lease is lost.
bool Runner::has_lost_the_farm() {
    const ports::Millis now = environment_->clock->steady();
    if (now - looked_at_ < options_.messages_every_ms) return false;
    looked_at_ = now;
    const base::Result<bool> is_held = environment_->store->renew(recorder_->journal().lease());
    // An error is no answer: the store that does not reply now is met by the next commit.
    return environment_->store->is_put_back() || (is_held && !*is_held);
}

// Another process has the lease: this one may not record or start anything more.
Ended Runner::yield() {
    attempts_.forget();
    return taken_over(*environment_, recorder_->plan().farm, recorder_->run_id(),
                      "this process has stopped; what it had started on hosts goes on there");
}

// Nothing can be written: no further command starts, and what was recorded stays.
Ended Runner::give_up(const base::Error& error) {
    ports::Store& store = *environment_->store;
    const JournalWriter& journal = recorder_->journal();
    // The store may be at fault, have gone back, or have given the farm to another; people do different things about
    // each.
    const base::Result<bool> is_held = store.renew(journal.lease());
    if (store.is_put_back()) return give_up_what_went_back();
    if (is_held && !*is_held) return yield();
    attempts_.forget();
    (void)store.release(journal.lease());
    return {.outcome = Outcome::wrong,
            .run = recorder_->run_id(),
            .message = "the journal cannot be written, so nothing further was started: " + error.text() +
                       "; resume the run when the store can be written again"};
}

// The store has less than it had confirmed. An append of nothing says how much of this run is missing.
Ended Runner::give_up_what_went_back() {
    attempts_.forget();
    const JournalWriter& journal = recorder_->journal();
    const base::Status gone =
        environment_->store->append(journal.lease(), recorder_->run_id(), {}, std::nullopt, environment_->clock->now());
    // Let go of, so that nobody takes it for a run whose process has died, and goes on with it.
    (void)environment_->store->release(journal.lease());
    return {.outcome = Outcome::in_doubt,
            .run = recorder_->run_id(),
            .message = "nothing further was started: " +
                       (gone ? std::string("the store has gone back to an earlier time") : gone.error().text()) +
                       "; resume the run once that store is the one to go on with: what its hosts still know of its "
                       "steps is found there"};
}

}  // namespace pvsplan::engine
