// What ends: results of commands, observations, and what they mean for the step.
#include <algorithm>

#include "runtime/engine/console_text.hpp"
#include "runtime/engine/missing.hpp"
#include "runtime/engine/runner.hpp"
#include "runtime/journal/recovery.hpp"
#include "runtime/journal/replay.hpp"

namespace pvsplan::engine {

using journal::JobIs;
using program::Node;
using program::NodeId;
using program::ObjectId;
using state::Phase;
using JobEventType = ports::JobEvent::Type;
using Record = journal::Record;

namespace {

// Whether the host did not keep all of what the command wrote to its standard output.
bool is_cut(const ports::JobEvent& event) {
    return event.dropped > 0 && event.out.find(ports::dropped_mark) != std::string::npos;
}

journal::ActionIs kind_of(const program::Action& action) {
    const program::Body::Type body = action.run.type;
    if (body == program::Body::Type::manual) return journal::ActionIs::manual;
    const bool only_looks = body == program::Body::Type::wait || body == program::Body::Type::none;
    return action.repeatable || only_looks ? journal::ActionIs::repeatable : journal::ActionIs::once;
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
    for (const Set& set : visible(plan, sets)) {
        const auto object = seen.find(set.object);
        if (object != seen.end() && object->second.contains(set.attribute)) continue;
        names += (names.empty() ? "`" : ", `") + plan.objects[set.object.index()].id + "." + set.attribute + "`";
    }
    return names;
}

}  // namespace

void Runner::handle(const ports::JobEvent& event) {
    const auto known = by_key_.find(event.key);
    if (known == by_key_.end()) return;
    const auto found = active_.find(known->second);
    if (found == active_.end()) return;
    Active& active = found->second;
    if (active.looking.contains(event.key)) return handle_observation(active, event);
    handle_command(active, event);
}

void Runner::handle_command(Active& active, const ports::JobEvent& event) {
    Event told = event_for(Event::Type::step_output, active.node);
    told.text = event.text;
    switch (event.type) {
        case JobEventType::output: return tell(std::move(told));
        case JobEventType::unreachable: told.type = Event::Type::step_unreachable; return tell(std::move(told));
        case JobEventType::reachable: told.type = Event::Type::step_reachable; return tell(std::move(told));
        case JobEventType::needs_person:
            active.stage = Active::Stage::person;
            active.why = event.text;
            told.type = Event::Type::person_wanted;
            return tell(std::move(told));
        case JobEventType::ended:
            active.result = state::CommandResult{event.exit_status, as_utf8(event.out), is_cut(event)};
            active.err = as_utf8(event.err);
            break;
        case JobEventType::never_started: active.job = JobIs::never_begun; break;
        case JobEventType::no_record: active.job = JobIs::gone; break;
        case JobEventType::held: active.job = JobIs::never_begun; break;
        case JobEventType::killed:
            active.job = JobIs::gone;
            active.was_killed = true;
            break;
        case JobEventType::lost:
        case JobEventType::elsewhere:
        case JobEventType::running:
        case JobEventType::claimed: active.job = JobIs::unclear; break;
    }
    active.why = event.text;
    observe(active);
}

// Observes the objects that the step sets, or that it waits for.
void Runner::observe(Active& active) {
    const Node& node = node_of(active.node);
    std::set<ObjectId> objects;
    for (const Set& set : active.prepared.sets) objects.insert(set.object);
    if (active.stage == Active::Stage::polling && node.on) objects.insert(node.on);
    active.seen.clear();
    active.unseen.clear();
    active.looked_as = run_->records;
    if (active.stage != Active::Stage::polling)
        active.stage = Active::Stage::checking;
    else
        active.look_at = ports::Millis{1} << 60U;  // not before this observation has ended
    if (!(active.job && *active.job == JobIs::never_begun))
        for (const ObjectId object : objects) {
            if (!is_observable(*plan_, object)) continue;
            base::Result<ports::Job> job = observation_job(*plan_, object, *environment_->secrets, redactor_);
            const auto transport = environment_->transports.find(
                transport_name(*plan_, &plan_->objects[object.index()], program::Body::Type::none));
            if (!job || transport == environment_->transports.end()) {
                active.unseen = job ? "there is no way to reach it" : job.error().text();
                continue;
            }
            job->key = journal_writer_.run_id() + "-see-" + std::to_string(++observations_);
            job->run = journal_writer_.run_id();
            job->patience_ms = options_.patience_ms;
            job->timeout_ms = options_.observe_timeout_ms;
            by_key_[job->key] = active.node;
            active.looking[job->key] = object;
            transport->second->start_or_attach(std::move(*job));
        }
    if (active.looking.empty()) return conclude(active.node);
    if (active.result) tell(event_for(Event::Type::step_checking, active.node));
}

void Runner::handle_observation(Active& active, const ports::JobEvent& event) {
    if (!event.is_final()) {
        if (event.type == JobEventType::output) return;
        Event told = event_for(
            event.type == JobEventType::reachable ? Event::Type::step_reachable : Event::Type::step_unreachable,
            active.node);
        told.text = event.text;
        return tell(std::move(told));
    }
    const ObjectId object = active.looking.at(event.key);
    active.looking.erase(event.key);
    by_key_.erase(event.key);
    const std::string& id = plan_->objects[object.index()].id;
    if (event.type != JobEventType::ended) {
        active.unseen = id + " could not be observed" + (event.text.empty() ? "" : ": " + event.text);
    } else if (base::Result<state::States> states = take_observation(*plan_, object, event, redactor_); states.ok()) {
        active.seen[object] = std::move(*states);
    } else {
        active.unseen = "observing " + id + ": " + states.error().text();
    }
    if (active.looking.empty()) conclude(active.node);
}

void Runner::conclude(NodeId node) {
    Active& active = active_.at(node);
    if (active.stage == Active::Stage::polling) return conclude_poll(active);
    if (active.was_killed)
        return fail(active, "it did not end within " + program::duration_json_text(node_of(node).timeout_ms) +
                                ", and was ended as `timeout` says");
    if (active.result) return conclude_result(active);
    conclude_unknown(active);
}

void Runner::conclude_result(Active& active) {
    const program::Action& action = *run_->now().action(node_of(active.node));
    const auto& codes = action.exit_codes;
    if (std::find(codes.begin(), codes.end(), active.result->exit_status) == codes.end()) {
        const bool has_err = active.err.find_first_not_of(" \t\r\n") != std::string::npos;
        const Reason reason = reason_of(redactor_.clean(has_err ? active.err : active.result->out));
        if (reason.text.empty())
            return fail(active, "its command ended with exit status " + std::to_string(active.result->exit_status) +
                                    " and printed nothing");
        const std::string whole =
            "\n(all of it: `pvsplan log " + journal_writer_.run_id() + " '" + node_of(active.node).id + "'`)";
        return fail(active, reason.text + (reason.is_whole ? "" : whole));
    }
    if (!active.unseen.empty()) return doubt(active, "its command succeeded, but " + active.unseen);
    if (const std::string names = untold(*plan_, active.prepared.sets, active.seen); !names.empty())
        return doubt(active, "its command succeeded, but no observation tells " + names + ", which it sets");
    const std::string wrong = difference(visible(*plan_, active.prepared.sets), active.seen, *plan_);
    if (!wrong.empty()) return fail(active, "its command succeeded, but " + wrong);
    finish(active);
}

// Whether the condition of a `wait` holds.
void Runner::conclude_poll(Active& active) {
    const Node& node = node_of(active.node);
    const program::Body& body = run_->now().action(node)->run;
    const ports::Millis now = environment_->clock->steady();
    state::RunEnv env(*run_);
    env.frame = active.prepared.frame;
    env.seen = &active.seen;
    env.reads = state::RunEnv::Reads::what_is_seen;
    if (node.on && !is_observable(*plan_, node.on)) {
        active.result = state::CommandResult{.exit_status = 1, .out = {}};
        return fail(active, "it waits for what nobody can see: a " + plan_->objects[node.on.index()].kind +
                                " on a host has no `observe`");
    }
    const program::Value holds = body.until ? program::evaluate(*body.until, env) : program::Value::boolean(true);
    if (active.unseen.empty() && holds.as_boolean() && *holds.as_boolean()) {
        active.result = state::CommandResult{};
        active.stage = Active::Stage::checking;
        return conclude_result(active);
    }
    const std::int64_t limit = body.at_most_ms > 0 ? body.at_most_ms : node.timeout_ms;
    if (limit > 0 && now - active.began_at >= limit) {
        active.result = state::CommandResult{.exit_status = 1, .out = {}};
        std::string why = active.unseen;
        if (why.empty()) why = "what it waits for did not come in time";
        if (active.unseen.empty() && holds.as_boolean() == nullptr && body.until)
            why += ", and nobody can tell whether it will: " + missing_text(*body.until, *run_, env);
        return fail(active, why);
    }
    static constexpr std::int64_t usual_pause_ms = 5000;
    active.look_at = now + (body.every_ms > 0 ? body.every_ms : usual_pause_ms);
}

// The command certainly never began, or nobody knows how it ended.
void Runner::conclude_unknown(Active& active) {
    const std::vector<Set> sets = visible(*plan_, active.prepared.sets);
    if (active.is_reconciling) return conclude_reconciling(active, sets);
    if (*active.job == JobIs::never_begun) {
        write({.type = Record::Type::unreached, .attempt = active.attempt, .text = active.why}, active.node);
        Event event = event_for(Event::Type::step_unreached, active.node);
        event.text = active.why;
        tell(std::move(event));
        return drop(active.node);
    }
    std::string why = active.why.empty() ? "nobody knows how its command ended" : active.why;
    if (active.unseen.empty() && shows(sets, active.prepared.before, active.seen) == journal::Shows::all) {
        const std::string lost = unknown_outputs(active.node);
        if (lost.empty()) return reconciled_as(active, "finished", "all that it sets is there");
        why += "; " + lost;
    }
    doubt(active, why);
}

// Others go on past an abandoned iteration. A state that they have written since tells nothing of the step.
bool Runner::is_set_since(NodeId id) const {
    const state::ExecutionGraph& execution = run_->now();
    const std::vector<state::NodeState>& nodes = run_->now_state().nodes;
    const std::vector<Node>& steps = execution.graph->nodes;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (i == id.index() || nodes[i].started_as <= nodes[id.index()].started_as) continue;
        for (const auto& mine : node_of(id).sets)
            for (const auto& other : steps[i].sets)
                if (mine.object == other.object && mine.attribute == other.attribute) return true;
    }
    return false;
}

// Only the last attempt is known not to have begun. What an earlier one has done is still there, and still to be
// undone.
void Runner::conclude_never_begun(Active& active, bool rolls_back) {
    const state::NodeState& at = run_->now_state().nodes[active.node.index()];
    if (!at.began || at.began_with == at.attempt)
        return reconciled_as(active, "untouched",
                             rolls_back ? "it changed nothing" : "it had not begun; it runs again");
    if (!is_set_since(active.node))
        for (const auto& [object, states] : at.before_attempt) active.seen[object].insert(states.begin(), states.end());
    reconciled_as(active, rolls_back ? "begun" : "again",
                  rolls_back ? "an earlier attempt of it may have begun" : "it had not begun; it runs again");
}

void Runner::conclude_reconciling(Active& active, const std::vector<Set>& sets) {
    const Node& node = node_of(active.node);
    const program::Action& action = *run_->now().action(node);
    const Phase phase = run_->now_state().nodes[active.node.index()].phase;
    const bool asks_first = run_->now_state().nodes[active.node.index()].asks_first;
    const auto last = phase == Phase::failed      ? (asks_first ? journal::Last::asks_first : journal::Last::failed)
                      : phase == Phase::unreached ? journal::Last::unreached
                                                  : journal::Last::open;
    const journal::ActionIs kind = kind_of(action);
    const bool rolls_back = run_->forward.rollback_because && !run_->is_rolling_back();
    auto seen = active.unseen.empty() ? shows(sets, active.prepared.before, active.seen) : journal::Shows::unseen;
    if (seen != journal::Shows::unseen && is_set_since(active.node)) seen = journal::Shows::other;
    std::string lost;
    switch (journal::recover(last, *active.job, kind, seen)) {
        case journal::RecoveryAction::finished:
            lost = rolls_back ? "" : unknown_outputs(active.node);
            if (lost.empty()) return reconciled_as(active, "finished", "all that it sets is there");
            break;
        case journal::RecoveryAction::run_again:
        case journal::RecoveryAction::wait_for_person:
            if (*active.job == JobIs::never_begun || phase == Phase::unreached)
                return conclude_never_begun(active, rolls_back);
            if (rolls_back && seen == journal::Shows::nothing)
                return reconciled_as(active, "untouched", "it changed nothing");
            if (rolls_back) return reconciled_as(active, "begun", "it may have begun");
            return reconciled_as(
                active, "again",
                last == journal::Last::failed ? "it is tried again" : "nothing of it is there; it runs again");
        case journal::RecoveryAction::ask_person: break;
    }
    if (rolls_back && *active.job != JobIs::unclear) return reconciled_as(active, "begun", "it may have begun");
    std::string why = active.unseen.empty() ? difference(sets, active.seen, *plan_) : active.unseen;
    if (asks_first) why = run_->now_state().nodes[active.node.index()].text;
    if (!lost.empty()) why = lost;
    // If its job may still run, that reason comes before what was observed.
    if (!active.why.empty() && (why.empty() || *active.job == JobIs::unclear))
        why = active.why + (why.empty() ? "" : "; " + why);
    if (why.empty()) why = "nothing can be seen that would tell whether it ran";
    doubt(active, why);
}

void Runner::reconciled_as(Active& active, const char* value, const std::string& text) {
    write({.type = Record::Type::reconciled, .value = value, .text = text, .states = known_states(active)},
          active.node);
    Event event = event_for(Event::Type::step_reconciled, active.node);
    event.text = text;
    tell(std::move(event));
    drop(active.node);
}

void Runner::finish(Active& active) {
    base::Result<std::map<std::string, std::string>> outputs = outputs_of(active);
    const bool is_by_hand = !active.by.empty();
    if (!outputs && !is_by_hand) return fail(active, "its command succeeded, but " + outputs.error().text());
    state::ObjectStates states = active.seen;
    forget_what_may_change(active.node, active.looked_as, {}, states);
    for (const Set& set : active.prepared.sets) states[set.object].emplace(set.attribute, set.value);
    Record record{.type = Record::Type::finished,
                  .attempt = active.attempt,
                  .exit_status = active.result->exit_status,
                  .states = journal::encode_states(states, *plan_),
                  .outputs = outputs.ok() ? std::move(*outputs) : std::map<std::string, std::string>(),
                  .out = as_text(redactor_.clean(active.result->out)),
                  .err = as_text(redactor_.clean(active.err))};
    if (is_by_hand) {
        record = {.type = Record::Type::reconciled,
                  .value = "finished",
                  .text = active.because,
                  .by = active.by,
                  .states = std::move(record.states)};
    }
    write(std::move(record), active.node);
    Event event = event_for(Event::Type::step_finished, active.node);
    event.attempt = active.attempt;
    event.exit_status = active.result->exit_status;
    event.duration_ms = environment_->clock->steady() - active.began_at;
    drop(active.node);
    tell(std::move(event));
}

void Runner::forget_what_may_change(NodeId node, std::uint64_t since, const std::vector<NodeId>& said_too,
                                    state::ObjectStates& seen) {
    if (!writers_) writers_ = std::make_unique<Writers>(run_->now());
    std::vector<NodeId> except = said_too;
    except.push_back(node);
    const auto is_set_here = [&](ObjectId object, const std::string& attribute) {
        const auto& sets = node_of(node).sets;
        return std::any_of(sets.begin(), sets.end(), [&](const program::Setting& set) {
            return set.object == object && set.attribute == attribute;
        });
    };
    for (auto& [object, values] : seen)
        std::erase_if(values, [&, id = object](const auto& one) {
            return !is_set_here(id, one.first) &&
                   writers_->may_have_changed(run_->now_state(), id, one.first, since, except);
        });
    std::erase_if(seen, [](const auto& one) { return one.second.empty(); });
}

// The observed states of a step, for its record.
journal::StateTexts Runner::known_states(const Active& active) {
    state::ObjectStates seen = active.seen;
    forget_what_may_change(active.node, active.looked_as, {}, seen);
    return journal::encode_states(seen, *plan_);
}

// The step has failed in any case. Whether to try it again, by `retry` or by `resume`, can do no harm.
bool Runner::may_run_again(const Active& active) const {
    const program::Action& action = *run_->now().action(node_of(active.node));
    const auto seen = active.unseen.empty()
                          ? shows(visible(*plan_, active.prepared.sets), active.prepared.before, active.seen)
                          : journal::Shows::unseen;
    const bool has_succeeded = active.result && !active.was_killed &&
                               std::find(action.exit_codes.begin(), action.exit_codes.end(),
                                         active.result->exit_status) != action.exit_codes.end();
    if (has_succeeded && seen != journal::Shows::nothing) return kind_of(action) != journal::ActionIs::once;
    const journal::RecoveryAction verdict = journal::recover(journal::Last::failed, JobIs::gone, kind_of(action), seen);
    return verdict != journal::RecoveryAction::ask_person;
}

void Runner::fail(Active& active, const std::string& why) {
    const Node& node = node_of(active.node);
    write({.type = Record::Type::failed,
           .attempt = active.attempt,
           .value = may_run_again(active) ? "" : "ask first",
           .exit_status = active.result ? active.result->exit_status : 0,
           .text = why,
           .states = known_states(active),
           .out = active.result ? as_text(redactor_.clean(active.result->out)) : "",
           .err = as_text(redactor_.clean(active.err))},
          active.node);
    Event event = event_for(Event::Type::step_failed, active.node);
    event.attempt = active.attempt;
    event.exit_status = active.result ? active.result->exit_status : 0;
    event.text = why;
    if (run_->now_state().nodes[active.node.index()].phase == Phase::retrying) {
        event.retry_in_ms = node.retry.delay_ms;
        not_before_[active.node] = environment_->clock->steady() + node.retry.delay_ms;
    }
    drop(active.node);
    tell(std::move(event));
}

void Runner::doubt(Active& active, const std::string& why) {
    const NodeId id = active.node;
    write({.type = Record::Type::doubted,
           .attempt = active.attempt,
           .text = why,
           .states = known_states(active),
           .out = active.result ? as_text(redactor_.clean(active.result->out)) : "",
           .err = as_text(redactor_.clean(active.err))},
          id);
    Event event = event_for(Event::Type::step_in_doubt, id);
    event.text = why;
    active.transport = nullptr;  // the host must still know the job: it may be asked again
    drop(id);
    tell(std::move(event));
}

// The step is no longer under way in this process. A reconciled step may have been the reason why the run halted.
void Runner::drop(NodeId node) {
    const auto found = active_.find(node);
    const bool was_reconciling = found->second.is_reconciling;
    if (found->second.transport) reconciled_.emplace_back(found->second.transport, found->second.key);
    by_key_.erase(found->second.key);
    for (const auto& [key, object] : found->second.looking) by_key_.erase(key);
    active_.erase(found);
    if (was_reconciling) ready_ = std::make_unique<Ready>(run_->now(), run_->now_state());
}

}  // namespace pvsplan::engine
