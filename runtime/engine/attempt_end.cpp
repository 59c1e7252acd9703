#include "runtime/engine/attempt_end.hpp"

#include <algorithm>

#include "compiler/base/check.hpp"
#include "compiler/base/lists.hpp"
#include "runtime/engine/console_text.hpp"
#include "runtime/engine/outputs.hpp"
#include "runtime/journal/replay.hpp"

namespace pvsplan::engine {

using journal::JobState;
using program::NodeId;
using state::Phase;
using Command = AttemptEnd::Command;
using Outputs = std::map<std::string, std::string>;
using Record = journal::Record;
using Conclusion = Judgement::Conclusion;

namespace {

// Whether a second run can do harm is what the recovery table asks of an action. A `wait`, and a step without a
// command, change nothing themselves.
journal::ActionType kind_of(const program::Action& action) {
    const program::Body::Type body = action.run.type;
    if (body == program::Body::Type::manual) return journal::ActionType::manual;
    const bool only_looks = body == program::Body::Type::wait || body == program::Body::Type::none;
    return action.repeatable || only_looks ? journal::ActionType::repeatable : journal::ActionType::once;
}

// Those of `sets` whose object can be observed.
std::vector<Set> visible(const program::Plan& plan, const std::vector<Set>& sets) {
    std::vector<Set> result;
    for (const Set& set : sets)
        if (is_observable(plan, set.object)) result.push_back(set);
    return result;
}

// Settings of objects that were observed, but whose observation left them out.
std::string untold(const program::Plan& plan, const std::vector<Set>& sets, const state::ObjectStates& seen) {
    std::string names;
    for (const Set& set : sets) {
        const auto object = seen.find(set.object);
        if (object != seen.end() && object->second.contains(set.attribute)) continue;
        base::append(names, ", ", "`" + plan.objects[set.object.index()].id + "." + set.attribute + "`");
    }
    return names;
}

// A command that was killed at its timeout left no exit status, so that is asked first. One with neither may have ended
// unseen, or run still.
Command command_of(const Attempt& attempt, const program::Action& action) {
    if (attempt.was_killed) return Command::killed;
    if (!attempt.result) return Command::unknown;
    const auto& codes = action.exit_codes;
    const bool is_good = std::find(codes.begin(), codes.end(), attempt.result->exit_status) != codes.end();
    return is_good ? Command::succeeded : Command::failed;
}

// The reason, of a command whose exit status says that it failed.
std::string failure_of(const Recorder& recorder, const Attempt& attempt) {
    const bool has_err = attempt.err.find_first_not_of(" \t\r\n") != std::string::npos;
    const Reason reason = reason_of(recorder.redactor().clean(has_err ? attempt.err : attempt.result->out));
    if (reason.text.empty())
        return "its command ended with exit status " + std::to_string(attempt.result->exit_status) +
               " and printed nothing";
    return reason.text + (reason.is_whole ? ""
                                          : "\n(all of it: `pvsplan log " + recorder.run_id() + " '" +
                                                recorder.node(attempt.node).id + "'`)");
}

// What the journal says last of the step, as the recovery table asks for it.
journal::Last last_of(const state::NodeState& at) {
    if (at.phase == Phase::failed) return at.asks_first ? journal::Last::asks_first : journal::Last::failed;
    return at.phase == Phase::unreached ? journal::Last::unreached : journal::Last::open;
}

// What is known at the end of the attempt.
AttemptEnd end_of(const Recorder& recorder, const Attempt& attempt, const program::Action& action,
                  const base::Result<Outputs>& outputs) {
    const state::NodeState& at = recorder.state(attempt.node);
    const std::vector<Set> sets = visible(recorder.plan(), attempt.prepared.sets);
    AttemptEnd end{
        .command = command_of(attempt, action),
        .job = attempt.job.value_or(JobState::unclear),
        .action = kind_of(action),
        .shows = attempt.unseen.empty() ? shows(sets, attempt.prepared.before, attempt.seen) : journal::Shows::unseen,
        .is_by_hand = !attempt.by.empty(),
        .host_says = attempt.host_says,
        .unseen = attempt.unseen,
        .untold = untold(recorder.plan(), sets, attempt.seen),
        .differs = difference(sets, attempt.seen, recorder.plan()),
        .no_outputs = outputs.ok() ? "" : outputs.error().text(),
        .failed_before = at.text};
    // All that it sets is there, so it would count as done; but outputs are printed, not observed, and are lost with
    // its end.
    if (end.shows == journal::Shows::all && end.command == Command::unknown)
        end.lost_outputs = unknown_outputs(recorder.run(), attempt.node);
    if (attempt.is_reconciling)
        end.reconciled = {.last = last_of(at),
                          .was_begun_before = at.began && at.began_with != at.attempt,
                          .is_set_since = recorder.is_set_since(attempt.node),
                          .is_to_be_rolled_back = recorder.is_to_be_rolled_back()};
    return end;
}

// The observed states of a step, for its record.
// Without what another step was writing while the objects were read: of that, the value may be from before or after.
state::ObjectStates known_states(Recorder& recorder, const Attempt& attempt) {
    state::ObjectStates seen = attempt.seen;
    recorder.forget_what_may_change(attempt.node, attempt.looked_as, {}, seen);
    return seen;
}

// Where the last attempt never began, its states are those from before it.
void restore_what_was_before(const Recorder& recorder, const AttemptEnd& end, Attempt& attempt) {
    if (!end.reconciled || !end.reconciled->was_begun_before || end.reconciled->is_set_since) return;
    if (end.job != JobState::never_begun && end.reconciled->last != journal::Last::unreached) return;
    for (const auto& [object, states] : recorder.state(attempt.node).before_attempt)
        attempt.seen[object].insert(states.begin(), states.end());
}

// What the step sets and no observation tells is believed. What was observed goes first: emplace() keeps it.
Record finished(Recorder& recorder, const Attempt& attempt, base::Result<Outputs> outputs) {
    state::ObjectStates states = known_states(recorder, attempt);
    for (const Set& set : attempt.prepared.sets) states[set.object].emplace(set.attribute, set.value);
    journal::StateTexts texts = journal::encode_states(states, recorder.plan());
    if (!attempt.by.empty())
        return {.type = Record::Type::reconciled,
                .value = "finished",
                .text = attempt.because,
                .by = attempt.by,
                .states = std::move(texts)};
    return {.type = Record::Type::finished,
            .attempt = attempt.number,
            .exit_status = attempt.result->exit_status,
            .states = std::move(texts),
            .outputs = outputs.ok() ? std::move(*outputs) : Outputs(),
            .out = as_text(recorder.redactor().clean(attempt.result->out)),
            .err = as_text(recorder.redactor().clean(attempt.err))};
}

// Failed, or in doubt: with all that is known.
Record unsuccessful(Recorder& recorder, const Attempt& attempt, Record::Type type, std::string why) {
    return {.type = type,
            .attempt = attempt.number,
            .text = std::move(why),
            .states = journal::encode_states(known_states(recorder, attempt), recorder.plan()),
            .out = attempt.result ? as_text(recorder.redactor().clean(attempt.result->out)) : "",
            .err = as_text(recorder.redactor().clean(attempt.err))};
}

// What was found of a step whose end nobody saw, with the states as they were seen.
Record reconciled(Recorder& recorder, const Attempt& attempt, std::string value, std::string why) {
    return {.type = Record::Type::reconciled,
            .value = std::move(value),
            .text = std::move(why),
            .states = journal::encode_states(known_states(recorder, attempt), recorder.plan())};
}

// The record first: the event is for people, and what it says has to be durable when they read it.
RecordedEnd record_finished(Recorder& recorder, const Attempt& attempt, base::Result<Outputs> outputs) {
    recorder.write(finished(recorder, attempt, std::move(outputs)), attempt.node);
    RecordedEnd of{.event = recorder.event_for(Event::Type::step_finished, attempt.node)};
    of.event.attempt = attempt.number;
    of.event.exit_status = attempt.result->exit_status;
    of.event.duration_ms = recorder.environment().clock->steady() - attempt.began_at;
    return of;
}

// The phase is read after the record: replay decides there whether a try is left, and only then a time is set for it.
RecordedEnd record_failed(Recorder& recorder, const Attempt& attempt, const Judgement& judged) {
    Record record = unsuccessful(recorder, attempt, Record::Type::failed, judged.text);
    if (judged.conclusion == Conclusion::failed_asks_first) record.value = "ask first";
    record.exit_status = attempt.result ? attempt.result->exit_status : 0;
    recorder.write(std::move(record), attempt.node);
    RecordedEnd of{.event = recorder.event_for(Event::Type::step_failed, attempt.node)};
    of.event.attempt = attempt.number;
    of.event.exit_status = attempt.result ? attempt.result->exit_status : 0;
    of.event.text = judged.text;
    if (recorder.state(attempt.node).phase == Phase::retrying)
        of.retry_in_ms = of.event.retry_in_ms = recorder.node(attempt.node).retry.delay_ms;
    return of;
}

// A record of which there is nothing more to tell than its text.
RecordedEnd record_as(Recorder& recorder, const Attempt& attempt, Record record, Event::Type told) {
    RecordedEnd of{.event = recorder.event_for(told, attempt.node)};
    of.event.text = record.text;
    recorder.write(std::move(record), attempt.node);
    return of;
}

RecordedEnd record_reconciled(Recorder& recorder, const Attempt& attempt, const char* value, const std::string& why) {
    return record_as(recorder, attempt, reconciled(recorder, attempt, value, why), Event::Type::step_reconciled);
}

}  // namespace

RecordedEnd record_end(Recorder& recorder, Attempt& attempt, const std::string& failure) {
    const program::Action& action = *recorder.run().now().action(recorder.node(attempt.node));
    // Outputs are read before the judgement: one that cannot be told makes a step fail whose command succeeded.
    base::Result<Outputs> outputs = Outputs();
    if (command_of(attempt, action) == Command::succeeded)
        outputs = outputs_of(recorder.run(), attempt.node, {attempt.prepared, *attempt.result, attempt.seen},
                             recorder.redactor());
    AttemptEnd end = end_of(recorder, attempt, action, outputs);
    end.failure = failure;
    if (end.command == Command::killed)
        end.failure = "it did not end within " + program::duration_json_text(recorder.node(attempt.node).timeout_ms) +
                      ", and was ended as `timeout` says";
    if (end.command == Command::failed && failure.empty()) end.failure = failure_of(recorder, attempt);
    const Judgement judged = judge(end);
    restore_what_was_before(recorder, end, attempt);
    switch (judged.conclusion) {
        case Conclusion::finished: return record_finished(recorder, attempt, std::move(outputs));
        case Conclusion::failed:
        case Conclusion::failed_asks_first: return record_failed(recorder, attempt, judged);
        case Conclusion::unreached:
            return record_as(recorder, attempt,
                             {.type = Record::Type::unreached, .attempt = attempt.number, .text = judged.text},
                             Event::Type::step_unreached);
        // The host keeps the job, since `resume` asks it again, and a person may want to read what it printed.
        case Conclusion::doubted: {
            RecordedEnd of =
                record_as(recorder, attempt, unsuccessful(recorder, attempt, Record::Type::doubted, judged.text),
                          Event::Type::step_in_doubt);
            of.keeps_job = true;
            return of;
        }
        case Conclusion::found_finished: return record_reconciled(recorder, attempt, "finished", judged.text);
        case Conclusion::again: return record_reconciled(recorder, attempt, "again", judged.text);
        case Conclusion::untouched: return record_reconciled(recorder, attempt, "untouched", judged.text);
        case Conclusion::begun: return record_reconciled(recorder, attempt, "begun", judged.text);
    }
    base::bug("every judgement is recorded");
}

RecordedEnd record_begun(Recorder& recorder, Attempt& attempt) {
    return record_reconciled(recorder, attempt, "begun", "it may have begun");
}

// Without an attempt: nothing was begun, so nothing can be asked of a host.
void refuse(Recorder& recorder, NodeId node, const std::string& why) {
    recorder.write({.type = Record::Type::failed, .text = why}, node);
    Event event = recorder.event_for(Event::Type::step_failed, node);
    event.text = why;
    recorder.tell(std::move(event));
}

}  // namespace pvsplan::engine
