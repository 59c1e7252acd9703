#include "runtime/engine/attempts.hpp"

#include <algorithm>
#include <set>

#include "runtime/engine/attempt_end.hpp"
#include "runtime/engine/console_text.hpp"
#include "runtime/engine/missing.hpp"
#include "runtime/journal/replay.hpp"

namespace pvsplan::engine {

using journal::JobState;
using program::Node;
using program::NodeId;
using program::ObjectId;
using JobEventType = ports::JobEvent::Type;
using Record = journal::Record;
using Stage = Attempt::Stage;

namespace {

// Whether the host did not keep all of what the command wrote to its standard output.
bool is_cut(const ports::JobEvent& event) {
    return event.dropped > 0 && event.out.find(ports::dropped_mark) != std::string::npos;
}

// The host of its command (null: this machine), and the transport that reaches it.
std::pair<const program::Object*, std::string> host_and_transport(const state::RunState& run, const Node& node,
                                                                  const Prepared& prepared) {
    const ObjectId id = host_of(run, node, prepared);
    const program::Object* host = id ? &run.plan->objects[id.index()] : nullptr;
    return {host, transport_name(*run.plan, host, run.now().action(node)->run.type)};
}

// The folder where its host keeps its jobs. A resumed run compares it with the folder where it looks.
std::string place_of(const state::RunState& run, const Node& node, const Prepared& prepared, const Places& places) {
    const auto [host, over] = host_and_transport(run, node, prepared);
    const auto place = places.find(place_key(over, host));
    return place == places.end() ? "" : place->second;
}

}  // namespace

Attempts::Attempts(Recorder& recorder, const Options& options, std::optional<ports::Claim> claim, Places places)
    : recorder_(&recorder), options_(&options), claim_(std::move(claim)), places_(std::move(places)) {}

// ---- what begins

// A refused step is recorded as failed and never is under way. Everything else is recorded as started before a command
// of it exists: a crash from here to the commit leaves neither.
void Attempts::begin(NodeId id) {
    const state::RunState& run = recorder_->run();
    const Node& node = recorder_->node(id);
    Attempt attempt{.node = id, .number = recorder_->state(id).attempt + 1, .prepared = prepare(run, node)};
    if (!attempt.prepared.refused.empty()) return refuse(*recorder_, id, attempt.prepared.refused);
    attempt.key = job_key(recorder_->run_id(), node.id, attempt.number);
    attempt.began_at = recorder_->environment().clock->steady();
    recorder_->write({.type = Record::Type::started,
                      .attempt = attempt.number,
                      .host = place_of(run, node, attempt.prepared, places_),
                      .states = journal::encode_states(attempt.prepared.before, recorder_->plan())},
                     id);
    Event event = recorder_->event_for(Event::Type::step_started, id);
    event.attempt = attempt.number;
    under_way_.emplace(id, std::move(attempt));
    recorder_->set_running(under_way_.size());
    recorder_->tell(std::move(event));
    to_send_.push_back(id);
}

// Only a step that was under way may have a job on its host. One that had failed has none that is of interest: its
// objects are looked at, at once.
void Attempts::reconcile(NodeId id) {
    const state::NodeState& at = recorder_->state(id);
    const Node& node = recorder_->node(id);
    // The attempt keeps its number: its job on the host, if there is one, has the key that was made of it.
    const ports::Clock& clock = *recorder_->environment().clock;
    Attempt attempt{
        .node = id, .number = at.attempt, .prepared = prepare(recorder_->run(), node), .is_reconciling = true};
    attempt.prepared.before = at.before;
    attempt.key = job_key(recorder_->run_id(), node.id, at.attempt);
    // The wall clock may have been set since the step started: its time so far is never negative.
    attempt.began_at = clock.steady() - std::max<ports::Millis>(clock.now() - at.started_at, 0);
    const bool asks_host = state::is_under_way(at.phase);
    if (!asks_host) attempt.job = JobState::gone;
    under_way_.insert_or_assign(id, std::move(attempt));
    recorder_->set_running(under_way_.size());
    if (asks_host)
        to_send_.push_back(id);
    else
        observe(under_way_.at(id));
}

// The commit before this call holds the ends in `ended_`, so their jobs may be forgotten. A store that may go back to
// an earlier time can lose that commit again, and then the hosts have to know.
void Attempts::send() {
    const bool may_forget = !recorder_->environment().store->is_shared();
    for (const auto& [transport, key] : std::exchange(ended_, {}))
        if (may_forget) transport->recorded(key);
    for (const NodeId node : std::exchange(to_send_, {}))
        if (const auto found = under_way_.find(node); found != under_way_.end()) send(found->second, Going::after_them);
}

// Those that do not go with the records stay in `to_send_`, in their order, for send().
void Attempts::send_with_records() {
    if (recorder_->environment().store->sites() == nullptr) return;
    for (const NodeId node : std::exchange(to_send_, {})) {
        const auto found = under_way_.find(node);
        if (found == under_way_.end()) continue;
        if (goes_with_records(found->second))
            send(found->second, Going::with_records);
        else
            to_send_.push_back(node);
    }
}

bool Attempts::goes_with_records(const Attempt& attempt) const {
    const Node& node = recorder_->node(attempt.node);
    const program::Body::Type body = recorder_->run().now().action(node)->run.type;
    if (body == program::Body::Type::wait || body == program::Body::Type::none) return false;
    const auto& transports = recorder_->environment().transports;
    const auto transport = transports.find(host_and_transport(recorder_->run(), node, attempt.prepared).second);
    return transport != transports.end() && transport->second->goes_with_records();
}

void Attempts::send(Attempt& attempt, Going going) {
    const Environment& environment = recorder_->environment();
    const program::Body::Type body = recorder_->run().now().action(recorder_->node(attempt.node))->run.type;
    base::Result<ports::Job> job =
        command_job(recorder_->run(), recorder_->node(attempt.node), attempt.prepared, recorder_->run_id(),
                    attempt.number, *environment.secrets, recorder_->redactor());
    // Nothing went out. A step that this process began has certainly not begun; of one that an earlier process began
    // nobody knows.
    const auto cannot = [&](const std::string& why) {
        attempt.host_says = why;
        attempt.job = attempt.is_reconciling ? JobState::unclear : JobState::never_begun;
        conclude(attempt);
    };
    if (!job) return cannot(job.error().text());
    const std::string over = transport_name(recorder_->plan(), job->host, job->body);
    const bool has_no_command = body == program::Body::Type::wait || body == program::Body::Type::none;
    // A `wait` and a step without a command are done here, by observing. The simulated farm models both as jobs.
    if (has_no_command && over != "simulated") {
        if (attempt.is_reconciling) {
            attempt.job = JobState::never_begun;  // it starts again
            return conclude(attempt);
        }
        if (body == program::Body::Type::wait) {
            attempt.stage = Stage::polling;
            attempt.look_at = environment.clock->steady();
        } else {
            attempt.result = state::CommandResult{};
        }
        return observe(attempt);
    }
    const auto transport = environment.transports.find(over);
    if (transport == environment.transports.end()) return cannot("there is no way to reach `" + over + "`");
    attempt.transport = transport->second;
    job->key = attempt.key;
    job->patience_ms = options_->patience_ms;
    if (attempt.is_reconciling) {
        job->ask = ports::Job::Ask::attach;
        job->place = recorder_->state(attempt.node).place;
    } else {
        job->claim = claim_;
    }
    // Known before the transport is asked: it may answer from within the call.
    by_key_[attempt.key] = attempt.node;
    if (going == Going::with_records)
        attempt.transport->start_with_records(std::move(*job));
    else
        attempt.transport->start_or_attach(std::move(*job));
}

// ---- what is said of it

// An event without an attempt is a late one, of a job that was judged or forgotten: nothing follows from it.
void Attempts::handle(const ports::JobEvent& event) {
    const auto known = by_key_.find(event.key);
    const auto found = known == by_key_.end() ? under_way_.end() : under_way_.find(known->second);
    if (found == under_way_.end()) return;
    // An attempt has one key for its command and one for each object that is observed.
    if (found->second.looking.contains(event.key)) return handle_observation(found->second, event);
    handle_command(found->second, event);
}

// Signs of life are told and change nothing. Any end leads to an observation: a step has succeeded only when its
// objects show it.
void Attempts::handle_command(Attempt& attempt, const ports::JobEvent& event) {
    Event told = recorder_->event_for(Event::Type::step_output, attempt.node);
    told.text = event.text;
    switch (event.type) {
        case JobEventType::output: return recorder_->tell(std::move(told));
        case JobEventType::unreachable:
            told.type = Event::Type::step_unreachable;
            return recorder_->tell(std::move(told));
        case JobEventType::reachable: told.type = Event::Type::step_reachable; return recorder_->tell(std::move(told));
        case JobEventType::hindered:
            told.type = Event::Type::note;
            told.text = "`" + told.node + "`: " + told.text;
            return recorder_->tell(std::move(told));
        case JobEventType::needs_person:
            attempt.stage = Stage::person;
            attempt.host_says = event.text;
            told.type = Event::Type::person_wanted;
            return recorder_->tell(std::move(told));
        case JobEventType::ended:
            // Only an end has a result; without one the recovery table decides.
            attempt.result = state::CommandResult{event.exit_status, as_utf8(event.out), is_cut(event)};
            attempt.err = as_utf8(event.err);
            break;
        case JobEventType::never_started:
        case JobEventType::held: attempt.job = JobState::never_begun; break;
        case JobEventType::no_record: attempt.job = JobState::gone; break;
        case JobEventType::killed:
            attempt.job = JobState::gone;
            attempt.was_killed = true;
            break;
        case JobEventType::lost:
        case JobEventType::elsewhere:
        case JobEventType::running:
        case JobEventType::claimed: attempt.job = JobState::unclear; break;
    }
    by_key_.erase(event.key);  // the first end counts
    attempt.host_says = event.text;
    observe(attempt);
}

// Observes the objects that the step sets, or that it waits for.
void Attempts::observe(Attempt& attempt) {
    const Environment& environment = recorder_->environment();
    const program::Plan& plan = recorder_->plan();
    const Node& node = recorder_->node(attempt.node);
    std::set<ObjectId> objects;
    for (const Set& set : attempt.prepared.sets) objects.insert(set.object);
    if (attempt.stage == Stage::polling && node.on) objects.insert(node.on);
    attempt.seen.clear();
    attempt.unseen.clear();
    // Set before the hosts are asked: what others write from here on makes the answer doubtful.
    attempt.looked_as = recorder_->run().records;
    if (attempt.stage != Stage::polling)
        attempt.stage = Stage::checking;
    else
        attempt.look_at = ports::Millis{1} << 60U;  // not before this observation has ended
    // A job that never began has changed nothing, so nothing has to be seen.
    if (attempt.job && *attempt.job == JobState::never_begun) objects.clear();
    for (const ObjectId object : objects) {
        // An object that nobody can observe is believed: shows() is asked of visible settings only.
        if (!is_observable(plan, object)) continue;
        base::Result<ports::Job> job = observation_job(plan, object, *environment.secrets, recorder_->redactor());
        const auto transport =
            environment.transports.find(transport_name(plan, &plan.objects[object.index()], program::Body::Type::none));
        if (!job || transport == environment.transports.end()) {
            attempt.unseen = plan.objects[object.index()].id +
                             " could not be observed: " + (job ? "there is no way to reach it" : job.error().text());
            continue;
        }
        job->key = recorder_->run_id() + "-see-" + std::to_string(++observations_);
        job->run = recorder_->run_id();
        job->patience_ms = options_->patience_ms;
        job->timeout_ms = options_->observe_timeout_ms;
        by_key_[job->key] = attempt.node;
        attempt.looking[job->key] = object;
        transport->second->start_or_attach(std::move(*job));
    }
    // Nothing can be observed: it is judged by its command alone. conclude() may remove the attempt, so nothing of it
    // is used behind it.
    if (attempt.looking.empty()) return conclude(attempt);
    if (attempt.result) recorder_->tell(recorder_->event_for(Event::Type::step_checking, attempt.node));
}

// The attempt is judged once the last of its observations is in; one that failed leaves `unseen`, which keeps it from
// being believed.
void Attempts::handle_observation(Attempt& attempt, const ports::JobEvent& event) {
    if (!event.is_final()) {
        if (event.type == JobEventType::output) return;
        Event told = recorder_->event_for(
            event.type == JobEventType::reachable ? Event::Type::step_reachable : Event::Type::step_unreachable,
            attempt.node);
        told.text = event.text;
        return recorder_->tell(std::move(told));
    }
    const ObjectId object = attempt.looking.at(event.key);
    attempt.looking.erase(event.key);
    by_key_.erase(event.key);
    const std::string& id = recorder_->plan().objects[object.index()].id;
    if (event.type != JobEventType::ended) {
        attempt.unseen = id + " could not be observed" + (event.text.empty() ? "" : ": " + event.text);
    } else if (base::Result<state::States> states =
                   take_observation(recorder_->plan(), object, event, recorder_->redactor());
               states.ok()) {
        attempt.seen[object] = std::move(*states);
    } else {
        attempt.unseen = "observing " + id + ": " + states.error().text();
    }
    if (attempt.looking.empty()) conclude(attempt);
}

// The nodes are copied first, since an observation may end an attempt and so change `under_way_`.
void Attempts::poll() {
    const ports::Millis now = recorder_->environment().clock->steady();
    std::vector<NodeId> due_now;
    for (const auto& [node, attempt] : under_way_)
        if (attempt.stage == Stage::polling && attempt.look_at <= now) due_now.push_back(node);
    for (const NodeId node : due_now) observe(under_way_.at(node));
}

// A person's word stands for the exit status of a command; the objects are observed all the same.
bool Attempts::finish_by_hand(NodeId node, const std::string& because) {
    const auto found = under_way_.find(node);
    if (found == under_way_.end()) return false;
    if (found->second.stage != Stage::person) return false;
    found->second.result = state::CommandResult{};
    found->second.by = recorder_->environment().me.user;
    found->second.because = because;
    observe(found->second);
    return true;
}

// ---- what ends

void Attempts::conclude(Attempt& attempt) {
    if (attempt.stage == Stage::polling) return conclude_poll(attempt);
    end(attempt, "");
}

// Whether the condition of a `wait` holds.
void Attempts::conclude_poll(Attempt& attempt) {
    const Node& node = recorder_->node(attempt.node);
    const program::Body& body = recorder_->run().now().action(node)->run;
    const ports::Millis now = recorder_->environment().clock->steady();
    const auto fails = [&](const std::string& why) {
        attempt.result = state::CommandResult{.exit_status = 1, .out = {}};
        end(attempt, why);
    };
    if (node.on && !is_observable(recorder_->plan(), node.on))
        return fails("it waits for what nobody can see: a " + recorder_->plan().objects[node.on.index()].kind +
                     " on a host has no `observe`");
    state::RunEnv env(recorder_->run());
    env.frame = attempt.prepared.frame;
    env.seen = &attempt.seen;
    env.reads = state::RunEnv::Reads::what_is_seen;
    const program::Value holds = body.until ? program::evaluate(*body.until, env) : program::Value::boolean(true);
    if (attempt.unseen.empty() && holds.as_boolean() && *holds.as_boolean()) {
        attempt.result = state::CommandResult{};
        return end(attempt, "");
    }
    // A `wait` that an earlier process began starts again as a new attempt, so its time counts from the start of this
    // one.
    const std::int64_t limit = body.at_most_ms > 0 ? body.at_most_ms : node.timeout_ms;
    if (limit > 0 && now - attempt.began_at >= limit) {
        std::string why = attempt.unseen;
        if (why.empty()) why = "what it waits for did not come in time";
        if (attempt.unseen.empty() && holds.as_boolean() == nullptr)
            why += ", and nobody can tell whether it will: " + missing_text(*body.until, recorder_->run(), env);
        return fails(why);
    }
    static constexpr std::int64_t usual_pause_ms = 5000;
    // The pause is counted from the answer, so that a slow host is not asked without rest.
    attempt.look_at = now + (body.every_ms > 0 ? body.every_ms : usual_pause_ms);
}

// The event comes last: it tells what is left after the attempt is gone. `attempt` is no more after remove().
void Attempts::end(Attempt& attempt, const std::string& failure) {
    const NodeId id = attempt.node;
    RecordedEnd of = record_end(*recorder_, attempt, failure);
    const bool is_simulated = is_modelled(recorder_->run(), recorder_->node(id));
    if (of.retry_in_ms && is_simulated && options_->simulated_delays == Options::Delays::none)
        of.retry_in_ms = of.event.retry_in_ms = 0;
    if (of.keeps_job) attempt.transport = nullptr;  // the host must still know the job: it may be asked again
    if (of.retry_in_ms) not_before_[id] = recorder_->environment().clock->steady() + *of.retry_in_ms;
    remove(id);
    recorder_->tell(of.event);
}

// Called when nothing but persons is waited for, so all that is under way is a manual step.
void Attempts::stop_waiting_for_persons() {
    std::vector<NodeId> waiting;
    for (const auto& [node, attempt] : under_way_) waiting.push_back(node);
    for (const NodeId node : waiting) {
        // What the person has done of it is not known: the rollback undoes it as one that may have begun.
        const RecordedEnd of = record_begun(*recorder_, under_way_.at(node));
        remove(node);
        recorder_->tell(of.event);
    }
}

// A reconciled step may have been the reason why the run halted.
void Attempts::remove(NodeId node) {
    const auto found = under_way_.find(node);
    const bool was_reconciling = found->second.is_reconciling;
    if (found->second.transport) ended_.emplace_back(found->second.transport, found->second.key);
    by_key_.erase(found->second.key);
    for (const auto& [key, object] : found->second.looking) by_key_.erase(key);
    under_way_.erase(found);
    recorder_->set_running(under_way_.size());
    if (was_reconciling) recorder_->look_anew();
}

// Nothing is ended on any host: a later process asks what became of each.
void Attempts::forget() {
    for (const auto& [node, attempt] : under_way_)
        if (attempt.transport) attempt.transport->forget(attempt.key);
}

// What has no command of its own, such as a manual step, has no job to be asked about.
ports::JobEvent ask_about(Recorder& recorder, const Options& options, NodeId id, ports::Job::Ask ask) {
    const Environment& environment = recorder.environment();
    const Node& node = recorder.node(id);
    const state::NodeState& at = recorder.state(id);
    const program::Body::Type body = recorder.run().now().action(node)->run.type;
    const std::string key = job_key(recorder.run_id(), node.id, at.attempt);
    if (body == program::Body::Type::wait || body == program::Body::Type::none || body == program::Body::Type::manual)
        return {.key = key, .type = JobEventType::no_record, .text = "it has no command"};
    Prepared prepared = prepare(recorder.run(), node);
    prepared.before = at.before;
    base::Result<ports::Job> job = command_job(recorder.run(), node, prepared, recorder.run_id(), at.attempt,
                                               *environment.secrets, recorder.redactor());
    if (!job) return {.key = key, .type = JobEventType::lost, .text = job.error().text()};
    job->key = key;
    job->ask = ask;
    job->place = at.place;
    job->timeout_ms = 0;
    // A person waits for the answer at a terminal: half a minute, not the ten of a step.
    job->patience_ms = std::min<std::int64_t>(options.patience_ms, 30'000);
    const std::string over = transport_name(recorder.plan(), job->host, job->body);
    return ask_host(environment, over, std::move(*job));
}

// A step that waits for a person does not keep the loop from halting the run.
bool Attempts::is_idle() const {
    const auto runs = [](const auto& entry) { return entry.second.stage != Stage::person; };
    return std::none_of(under_way_.begin(), under_way_.end(), runs);
}

// A poll whose observation is out does not count: its answer comes from a host, not from the clock.
bool Attempts::only_time_passes() const {
    return std::all_of(under_way_.begin(), under_way_.end(), [](const auto& entry) {
        const Attempt& attempt = entry.second;
        return attempt.stage == Stage::person || (attempt.stage == Stage::polling && attempt.looking.empty());
    });
}

bool Attempts::is_reconciling() const {
    return std::any_of(under_way_.begin(), under_way_.end(),
                       [](const auto& entry) { return entry.second.is_reconciling; });
}

// A retry waits for its delay on the clock that nobody sets.
bool Attempts::may_begin(NodeId node, ports::Millis now) const {
    const auto wait = not_before_.find(node);
    if (wait == not_before_.end()) return true;
    return wait->second <= now;
}

std::optional<ports::Millis> Attempts::due(ports::Millis now) const {
    std::optional<ports::Millis> at;
    const auto not_after = [&](ports::Millis when) { at = std::min(at.value_or(when), when); };
    // A retry whose time has come but that has not started waits for another step to end, so it sets no deadline.
    for (const auto& [node, when] : not_before_)
        if (when > now) not_after(when);
    for (const auto& [node, attempt] : under_way_)
        if (attempt.stage == Stage::polling) not_after(attempt.look_at);
    return at;
}

}  // namespace pvsplan::engine
