// What ends: results of commands, what objects show, and what becomes of a step then.
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
using Is = ports::JobEvent::Is;
using Record = journal::Record;

namespace {

// Whether the host did not keep all of what the command wrote to its standard output.
bool is_cut(const ports::JobEvent& event) {
    return event.dropped > 0 && event.out.find(ports::dropped_mark) != std::string::npos;
}

// The sets of objects that can be observed at all.
std::vector<Set> visible(const program::Plan& plan, const std::vector<Set>& sets) {
    std::vector<Set> result;
    for (const Set& set : sets)
        if (is_observable(plan, set.object)) result.push_back(set);
    return result;
}

// What is set of objects that were observed, and of which their observation does not speak.
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
    Event told = event_for(Event::Is::step_output, active.node);
    told.text = event.text;
    switch (event.is) {
        case Is::output: return tell(std::move(told));
        case Is::unreachable: told.is = Event::Is::step_unreachable; return tell(std::move(told));
        case Is::reachable: told.is = Event::Is::step_reachable; return tell(std::move(told));
        case Is::needs_person:
            active.stage = Active::Stage::person;
            active.why = event.text;
            told.is = Event::Is::person_wanted;
            return tell(std::move(told));
        case Is::ended:
            active.result = state::CommandResult{event.exit_status, as_utf8(event.out), is_cut(event)};
            active.err = as_utf8(event.err);
            break;
        case Is::never_started: active.job = JobIs::never_begun; break;
        case Is::no_record: active.job = JobIs::gone; break;
        case Is::held: active.job = JobIs::never_begun; break;
        case Is::killed:
            active.job = JobIs::gone;
            active.was_killed = true;
            break;
        case Is::lost:
        case Is::elsewhere:
        case Is::running:
        case Is::claimed: active.job = JobIs::unclear; break;
    }
    active.why = event.text;
    observe(active);
}

// Looks at what the step sets, or at what it waits for.
void Runner::observe(Active& active) {
    const Node& node = node_of(active.node);
    std::set<ObjectId> objects;
    for (const Set& set : active.prepared.sets) objects.insert(set.object);
    if (active.stage == Active::Stage::polling && node.on) objects.insert(node.on);
    active.seen.clear();
    active.unseen.clear();
    if (active.stage != Active::Stage::polling)
        active.stage = Active::Stage::checking;
    else
        active.look_at = ports::Millis{1} << 60U;  // not before this look has come back
    if (!(active.job && *active.job == JobIs::never_begun))
        for (const ObjectId object : objects) {
            if (!is_observable(*plan_, object)) continue;
            base::Result<ports::Job> job = observation_job(*plan_, object, *world_->secrets, redactor_);
            const auto transport = world_->transports.find(
                transport_name(*plan_, &plan_->objects[object.index()], program::Body::Is::none));
            if (!job || transport == world_->transports.end()) {
                active.unseen = job ? "there is no way to reach it" : job.error().text();
                continue;
            }
            job->key = pen_.run_id() + "-see-" + std::to_string(++observations_);
            job->run = pen_.run_id();
            job->patience_ms = options_.patience_ms;
            job->timeout_ms = options_.observe_timeout_ms;
            by_key_[job->key] = active.node;
            active.looking[job->key] = object;
            transport->second->start_or_attach(std::move(*job));
        }
    if (active.looking.empty()) return conclude(active.node);
    if (active.result) tell(event_for(Event::Is::step_checking, active.node));
}

void Runner::handle_observation(Active& active, const ports::JobEvent& event) {
    if (!event.is_final()) {
        if (event.is == Is::output) return;
        Event told =
            event_for(event.is == Is::reachable ? Event::Is::step_reachable : Event::Is::step_unreachable, active.node);
        told.text = event.text;
        return tell(std::move(told));
    }
    const ObjectId object = active.looking.at(event.key);
    active.looking.erase(event.key);
    by_key_.erase(event.key);
    const std::string& id = plan_->objects[object.index()].id;
    if (event.is != Is::ended) {
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
        if (reason.text.empty()) return fail(active, "its command failed and printed nothing");
        const std::string whole =
            "\n(all of it: `pvsplan log " + pen_.run_id() + " '" + node_of(active.node).id + "'`)";
        return fail(active, reason.text + (reason.is_whole ? "" : whole));
    }
    if (!active.unseen.empty()) return doubt(active, "its command succeeded, but " + active.unseen);
    if (const std::string names = untold(*plan_, active.prepared.sets, active.seen); !names.empty())
        return doubt(active, "its command succeeded, but no observation tells " + names + ", which it sets");
    const std::string wrong = difference(visible(*plan_, active.prepared.sets), active.seen, *plan_);
    if (!wrong.empty()) return fail(active, "its command succeeded, but " + wrong);
    finish(active);
}

// Whether what a `wait` waits for has come.
void Runner::conclude_poll(Active& active) {
    const Node& node = node_of(active.node);
    const program::Body& body = run_->now().action(node)->run;
    const ports::Millis now = world_->clock->steady();
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
    if (active.is_settling) return conclude_settling(active, sets);
    if (*active.job == JobIs::never_begun) {
        write({.is = Record::Is::unreached, .attempt = active.attempt, .text = active.why}, active.node);
        Event event = event_for(Event::Is::step_unreached, active.node);
        event.text = active.why;
        tell(std::move(event));
        return drop(active.node);
    }
    if (active.unseen.empty() && shows(sets, active.prepared.before, active.seen) == journal::Shows::all)
        return settled_as(active, "finished", "all that it sets is there");
    doubt(active, active.why.empty() ? "nobody knows how its command ended" : active.why);
}

// Where an instance was left behind, others have gone on. What they have set since says nothing of the step.
bool Runner::is_set_since(NodeId id) const {
    const state::Course& course = run_->now();
    const std::vector<state::NodeState>& nodes = run_->now_state().nodes;
    const std::vector<Node>& steps = course.graph->nodes;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (i == id.index() || nodes[i].started_as <= nodes[id.index()].started_as) continue;
        for (const auto& mine : node_of(id).sets)
            for (const auto& other : steps[i].sets)
                if (mine.object == other.object && mine.attribute == other.attribute) return true;
    }
    return false;
}

void Runner::conclude_settling(Active& active, const std::vector<Set>& sets) {
    const Node& node = node_of(active.node);
    const program::Action& action = *run_->now().action(node);
    const Phase phase = run_->now_state().nodes[active.node.index()].phase;
    const auto last = phase == Phase::failed      ? journal::Last::failed
                      : phase == Phase::unreached ? journal::Last::unreached
                                                  : journal::Last::open;
    const auto kind = action.run.is == program::Body::Is::manual ? journal::ActionIs::manual
                      : action.repeatable                        ? journal::ActionIs::repeatable
                                                                 : journal::ActionIs::once;
    const bool turns = run_->forward.rollback_because && !run_->is_on_the_way_back();
    auto seen = active.unseen.empty() ? shows(sets, active.prepared.before, active.seen) : journal::Shows::unseen;
    if (seen != journal::Shows::unseen && is_set_since(active.node)) seen = journal::Shows::other;
    switch (journal::recover(last, *active.job, kind, seen)) {
        case journal::Verdict::finished: return settled_as(active, "finished", "all that it sets is there");
        case journal::Verdict::run_again:
        case journal::Verdict::wait_for_person:
            if (*active.job == JobIs::never_begun || phase == Phase::unreached ||
                (turns && seen == journal::Shows::nothing))
                return settled_as(active, "untouched",
                                  turns ? "it changed nothing" : "it had not begun; it runs again");
            if (turns) return settled_as(active, "begun", "it may have begun");
            return settled_as(
                active, "again",
                last == journal::Last::failed ? "it is tried again" : "nothing of it is there; it runs again");
        case journal::Verdict::ask_person: break;
    }
    if (turns && *active.job != JobIs::unclear) return settled_as(active, "begun", "it may have begun");
    std::string why = active.unseen.empty() ? difference(sets, active.seen, *plan_) : active.unseen;
    // Why nobody knows whether it runs comes before what is seen.
    if (!active.why.empty() && (why.empty() || *active.job == JobIs::unclear))
        why = active.why + (why.empty() ? "" : "; " + why);
    if (why.empty()) why = "nothing can be seen that would tell whether it ran";
    doubt(active, why);
}

void Runner::settled_as(Active& active, const char* value, const std::string& text) {
    write({.is = Record::Is::settled,
           .value = value,
           .text = text,
           .states = journal::encode_states(active.seen, *plan_)},
          active.node);
    Event event = event_for(Event::Is::step_settled, active.node);
    event.text = text;
    tell(std::move(event));
    drop(active.node);
}

// What the step puts out, by name, as JSON. An error names the first output that cannot be told, and why.
base::Result<std::map<std::string, std::string>> Runner::outputs_of(const Active& active) const {
    const Node& node = node_of(active.node);
    const program::Action& action = *run_->now().action(node);
    const bool is_simulated = is_modelled(*run_, node);  // it prints nothing: what it would put out is none
    state::RunEnv env(*run_);
    env.frame = active.prepared.frame;
    env.result = &*active.result;
    env.seen = &active.seen;
    const auto own = active.prepared.before.find(node.on);
    if (own != active.prepared.before.end()) env.before_state = &own->second;
    std::map<std::string, std::string> outputs;
    const program::PlanNames names(*plan_);
    for (const auto& [name, expr] : action.outputs) {
        const auto declared = action.output_types.find(name);
        program::Type type = declared == action.output_types.end() ? program::Type{} : declared->second;
        program::Value value = coerce(program::evaluate(*expr, env), type);
        std::string wrong = is_missing(value, *expr) ? missing_output(*expr, env) : misfit(value, type);
        if (!wrong.empty() && !is_missing(value, *expr)) wrong = "is " + wrong;
        if (wrong.empty()) wrong = misfit_of_readers(active.node, name, value);
        if (is_simulated && !wrong.empty()) {
            value = program::Value::none();
        } else if (!wrong.empty()) {
            if (redactor_.is_telling(active.result->out))  // what is cut for a message may be a part of a secret
                wrong = "has no value, and what it printed holds a secret";
            return base::Error{"its output `" + name + "` " + wrong};
        } else if (redactor_.is_telling(program::to_text(value, names))) {
            return base::Error{"its output `" + name + "` holds a secret, which may not go on to other steps"};
        }
        program::write_value(outputs[name], value, nullptr, names);
    }
    return outputs;
}

std::string Runner::missing_output(const program::Expr& expr, const state::RunEnv& env) const {
    const std::string why = env.fault().empty() ? why_missing(expr, *run_, env) : env.fault();
    return "has no value (`" + program::to_text(expr, program::PlanNames(*plan_)) + "`)" +
           (why.empty() ? "" : ": " + why);
}

// Why a step that reads this output as it is could not take it: the step that put it out is the place to say so.
std::string Runner::misfit_of_readers(NodeId id, const std::string& name, const program::Value& value) const {
    const state::Course& course = run_->now();
    for (auto e = course.first_out[id.index()]; e < course.first_out[id.index() + 1]; ++e) {
        const Node& reader = node_of(course.out[e]);
        const program::Action* action = course.action(reader);
        for (std::size_t i = 0; action && i < std::min(reader.with.size(), action->parameters.size()); ++i) {
            const auto& with = reader.with[i];
            const bool reads = with && with->op == program::Expr::Op::output && with->name == name;
            if (!reads || with->step != node_of(id).id) continue;
            const program::Type& type = action->parameters[i].type;
            if (const std::string wrong = misfit(coerce(value, type), type); !wrong.empty())
                return "is taken by `" + reader.id + "` as its `" + action->parameters[i].name + "`, and is " + wrong;
        }
    }
    return "";
}

void Runner::finish(Active& active) {
    base::Result<std::map<std::string, std::string>> outputs = outputs_of(active);
    const bool is_by_hand = !active.by.empty();
    if (!outputs && !is_by_hand) return fail(active, "its command succeeded, but " + outputs.error().text());
    state::ObjectStates states = active.seen;
    for (const Set& set : active.prepared.sets) states[set.object].emplace(set.attribute, set.value);
    Record record{.is = Record::Is::finished,
                  .attempt = active.attempt,
                  .exit_status = active.result->exit_status,
                  .states = journal::encode_states(states, *plan_),
                  .outputs = outputs.ok() ? std::move(*outputs) : std::map<std::string, std::string>(),
                  .out = as_text(redactor_.clean(active.result->out)),
                  .err = as_text(redactor_.clean(active.err))};
    if (is_by_hand) {
        record = {.is = Record::Is::settled,
                  .value = "finished",
                  .text = active.because,
                  .by = active.by,
                  .states = std::move(record.states)};
    }
    write(std::move(record), active.node);
    Event event = event_for(Event::Is::step_finished, active.node);
    event.attempt = active.attempt;
    event.exit_status = active.result->exit_status;
    event.duration_ms = world_->clock->steady() - active.began_at;
    drop(active.node);
    tell(std::move(event));
}

void Runner::fail(Active& active, const std::string& why) {
    const Node& node = node_of(active.node);
    write({.is = Record::Is::failed,
           .attempt = active.attempt,
           .exit_status = active.result ? active.result->exit_status : 0,
           .text = why,
           .states = journal::encode_states(active.seen, *plan_),
           .out = active.result ? as_text(redactor_.clean(active.result->out)) : "",
           .err = as_text(redactor_.clean(active.err))},
          active.node);
    Event event = event_for(Event::Is::step_failed, active.node);
    event.attempt = active.attempt;
    event.exit_status = active.result ? active.result->exit_status : 0;
    event.text = why;
    if (run_->now_state().nodes[active.node.index()].phase == Phase::retrying) {
        event.retry_in_ms = node.retry.delay_ms;
        not_before_[active.node] = world_->clock->steady() + node.retry.delay_ms;
    }
    drop(active.node);
    tell(std::move(event));
}

void Runner::doubt(Active& active, const std::string& why) {
    const NodeId id = active.node;
    write({.is = Record::Is::doubted,
           .attempt = active.attempt,
           .text = why,
           .states = journal::encode_states(active.seen, *plan_),
           .out = active.result ? as_text(redactor_.clean(active.result->out)) : "",
           .err = as_text(redactor_.clean(active.err))},
          id);
    Event event = event_for(Event::Is::step_in_doubt, id);
    event.text = why;
    active.transport = nullptr;  // what the host knows of it may be asked again
    drop(id);
    tell(std::move(event));
}

// It is over in this process. What was settled after a restart may let go on what had stopped the run.
void Runner::drop(NodeId node) {
    const auto found = active_.find(node);
    const bool was_settling = found->second.is_settling;
    if (found->second.transport) settled_.emplace_back(found->second.transport, found->second.key);
    by_key_.erase(found->second.key);
    for (const auto& [key, object] : found->second.looking) by_key_.erase(key);
    active_.erase(found);
    if (was_settling) ready_ = std::make_unique<Ready>(run_->now(), run_->now_state());
}

}  // namespace pvsplan::engine
