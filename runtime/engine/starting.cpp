// What begins: guards, approvals, commands; and the inbox of the run.
#include <algorithm>

#include "runtime/engine/missing.hpp"
#include "runtime/engine/runner.hpp"
#include "runtime/journal/replay.hpp"

namespace pvsplan::engine {

using program::Node;
using program::NodeId;
using Record = journal::Record;
using JobEventType = ports::JobEvent::Type;

// The step that fails because a `when` cannot be decided: the first one under it that could still run. None if there
// are only manual steps and approvals under it, or steps that the simulated farm runs, which has no outputs.
NodeId Runner::stopped_by(program::GuardId guard) const {
    const auto& guards = *run_->now().guards;
    for (std::size_t i = 0; i < run_->now().size(); ++i) {
        const Node& node = node_of(NodeId(i));
        bool is_under = false;
        for (auto at = node.guard; at && !is_under; at = guards[at.index()].parent) is_under = at == guard;
        if (!is_under || node.type != Node::Type::action || ready_->is_given_up(NodeId(i))) continue;
        if (run_->now_state().nodes[i].phase == state::Phase::waiting && !is_modelled(*run_, node)) return NodeId(i);
    }
    return {};
}

void Runner::decide_guards() {
    while (!ready_->decide().empty()) {
        const program::GuardId id = *ready_->decide().begin();
        const program::Guard& guard = (*run_->now().guards)[id.index()];
        const state::RunEnv env(*run_);
        const program::Value value =
            guard.condition ? program::evaluate(*guard.condition, env) : program::Value::boolean(true);
        if (value.as_boolean() == nullptr)
            if (const NodeId stopped = stopped_by(id); stopped) {
                refuse(stopped, "its `when` cannot be decided: " + missing_text(*guard.condition, *run_, env));
                continue;
            }
        // If it is undecided, people are asked; only a farm that is simulated as a whole skips the steps.
        const bool asks =
            value.as_boolean() == nullptr && transport_name(*plan_, nullptr, program::Body::Type::none) != "simulated";
        const bool holds = asks || (value.as_boolean() && *value.as_boolean());
        journal_writer_.write({.type = Record::Type::decided, .node = guard.step, .value = holds ? "holds" : "fails"});
        ready_->decided(id);
        tell({.type = Event::Type::guard_decided, .node = guard.step, .text = holds ? "runs" : "skipped"});
    }
    for (const NodeId node : ready_->take_passed()) {
        Event event = event_for(Event::Type::step_skipped, node);
        event.text = ready_->is_given_up(node) ? "its iteration was abandoned" : "`when` says so";
        tell(std::move(event));
    }
}

void Runner::ask_for_approvals() {
    std::vector<NodeId> given;  // received before they were due
    for (const NodeId node : ready_->approve())
        if (run_->approvals.contains(node_of(node).id)) given.push_back(node);
    for (const NodeId node : given) receive(approval_received(*run_, node_of(node).id));
    for (const NodeId node : ready_->approve()) {
        if (!asked_.insert(node).second) continue;
        Event event = event_for(Event::Type::approval_wanted, node);
        event.text = node_of(node).text;
        tell(std::move(event));
    }
}

void Runner::begin_what_is_due() {
    const ports::Millis now = environment_->clock->steady();
    std::vector<NodeId> due;  // a copy, bounded by the free places: starting them changes the set
    for (const NodeId node : ready_->start()) {
        if (active_.size() + due.size() >= options_.max_parallel) break;
        const auto wait = not_before_.find(node);
        if (!active_.contains(node) && (wait == not_before_.end() || wait->second <= now)) due.push_back(node);
    }
    for (const NodeId node : due) {
        if (ready_->stop() != HaltReason::no) return;
        not_before_.erase(node);
        begin(node);
    }
}

void Runner::refuse(NodeId node, const std::string& why) {
    write({.type = Record::Type::failed, .text = why}, node);
    Event event = event_for(Event::Type::step_failed, node);
    event.text = why;
    tell(std::move(event));
}

void Runner::begin(NodeId id) {
    const Node& node = node_of(id);
    Active active{
        .node = id, .attempt = run_->now_state().nodes[id.index()].attempt + 1, .prepared = prepare(*run_, node)};
    if (!active.prepared.refused.empty()) return refuse(id, active.prepared.refused);
    active.key = job_key(journal_writer_.run_id(), node.id, active.attempt);
    active.began_at = environment_->clock->steady();
    write({.type = Record::Type::started,
           .attempt = active.attempt,
           .host = place_of(node, active.prepared),
           .states = journal::encode_states(active.prepared.before, *plan_)},
          id);
    Event event = event_for(Event::Type::step_started, id);
    event.attempt = active.attempt;
    active_.emplace(id, std::move(active));
    tell(std::move(event));
    to_send_.push_back(id);
}

// The folder where its host keeps its jobs. A resumed run compares it with the folder where it looks.
std::string Runner::place_of(const Node& node, const Prepared& prepared) const {
    const program::Body& body = run_->now().action(node)->run;
    if (places_.empty() || body.type == program::Body::Type::none || body.type == program::Body::Type::wait) return "";
    const program::ObjectId id = host_of(*run_, node, prepared);
    const program::Object* host = id ? &plan_->objects[id.index()] : nullptr;
    const auto place = places_.find(place_key(transport_name(*plan_, host, body.type), host));
    return place == places_.end() ? "" : place->second;
}

ports::JobEvent Runner::ask_about(NodeId id, ports::Job::Ask ask) {
    const Node& node = node_of(id);
    const state::NodeState& at = run_->now_state().nodes[id.index()];
    const program::Body::Type body = run_->now().action(node)->run.type;
    const std::string key = job_key(journal_writer_.run_id(), node.id, at.attempt);
    if (at.attempt == 0 || body == program::Body::Type::wait || body == program::Body::Type::none ||
        body == program::Body::Type::manual)
        return {.key = key, .type = JobEventType::no_record, .text = "it has no command"};
    Prepared prepared = prepare(*run_, node);
    prepared.before = at.before;
    base::Result<ports::Job> job =
        command_job(*run_, node, prepared, journal_writer_.run_id(), at.attempt, *environment_->secrets, redactor_);
    if (!job) return {.key = key, .type = JobEventType::lost, .text = job.error().text()};
    job->key = key;
    job->ask = ask;
    job->place = at.place;
    job->timeout_ms = 0;
    job->patience_ms = std::min<std::int64_t>(options_.patience_ms, 30'000);
    const std::string over = transport_name(*plan_, job->host, job->body);
    return ask_host(*environment_, over, std::move(*job));
}

// Write-ahead: first the records are durable, then observers are told, then commands are issued.
base::Status Runner::flush() {
    if (base::Status committed = journal_writer_.commit(); !committed) return committed;
    for (const auto& [transport, key] : std::exchange(reconciled_, {})) transport->recorded(key);
    for (const Event& event : journal_writer_.take_events()) {
        told_at_ = event.steady;
        observer_->on(event);
    }
    for (const NodeId node : std::exchange(to_send_, {}))
        if (const auto found = active_.find(node); found != active_.end()) send(found->second);
    return base::Done{};
}

void Runner::send(Active& active) {
    const Node& node = node_of(active.node);
    const program::Action& action = *run_->now().action(node);
    base::Result<ports::Job> job = command_job(*run_, node, active.prepared, journal_writer_.run_id(), active.attempt,
                                               *environment_->secrets, redactor_);
    if (!job) {
        active.why = job.error().text();
        active.job = active.is_reconciling ? journal::JobIs::unclear : journal::JobIs::never_begun;
        return conclude(active.node);
    }
    active.host = job->host ? job->host->id : "";
    const std::string over = transport_name(*plan_, job->host, job->body);
    const bool is_modelled = over == "simulated";
    if (active.is_reconciling && !is_modelled &&
        (action.run.type == program::Body::Type::wait || action.run.type == program::Body::Type::none)) {
        active.job = journal::JobIs::never_begun;  // it has no command: it starts again
        return conclude(active.node);
    }
    if (action.run.type == program::Body::Type::wait && !is_modelled) {
        active.stage = Active::Stage::polling;
        active.look_at = environment_->clock->steady();
        return observe(active);
    }
    if (action.run.type == program::Body::Type::none && !is_modelled) {
        active.result = state::CommandResult{};
        return observe(active);
    }
    const auto transport = environment_->transports.find(over);
    if (transport == environment_->transports.end()) {
        active.why = "there is no way to reach `" + over + "`";
        active.job = active.is_reconciling ? journal::JobIs::unclear : journal::JobIs::never_begun;
        return conclude(active.node);
    }
    active.transport = transport->second;
    job->key = active.key;
    job->patience_ms = options_.patience_ms;
    if (active.is_reconciling) {
        job->ask = ports::Job::Ask::attach;
        job->place = run_->now_state().nodes[active.node.index()].place;
    } else {
        job->claim = claim_;
    }
    by_key_[active.key] = active.node;
    active.transport->start_or_attach(std::move(*job));
}

void Runner::receive_decisions() {
    if (options_.person)
        for (const Person::Answer& answer : options_.person->answers()) receive_answer(answer);
    const ports::Millis now = environment_->clock->steady();
    if (received_at_ != 0 && now - received_at_ < options_.messages_every_ms) return;
    received_at_ = now;
    receive_messages();
}

// Answered messages leave the inbox after the commit. If the process dies in between, `said` shows that the journal has
// answered them.
void Runner::receive_messages() {
    const base::Result<std::vector<ports::Message>> messages = environment_->store->messages(journal_writer_.run_id());
    if (!messages || messages->empty()) return;
    for (const Record& message : unreceived(*run_, *messages))
        receive(message.type == Record::Type::refused ? message : answer_to(*run_, *ready_, message));
    if (base::Status flushed = flush(); flushed.ok())
        (void)environment_->store->remove_messages(journal_writer_.run_id(), messages->back().number);
}

void Runner::receive(Record answer) {
    if (answer.type != Record::Type::approved) {
        answer.text = redactor_.clean(std::move(answer.text));
        return journal_writer_.write(std::move(answer));
    }
    const NodeId id = run_->now().by_path.at(answer.node);
    Event event = event_for(Event::Type::approval_given, id);
    event.text = answer.by + (answer.text.empty() ? "" : ": " + answer.text);
    write(std::move(answer), id);
    tell(std::move(event));
}

// The person at this terminal approves, or says that a manual step is done.
void Runner::receive_answer(const Person::Answer& said) {
    const auto found = run_->now().by_path.find(said.node);
    const auto active = found == run_->now().by_path.end() ? active_.end() : active_.find(found->second);
    if (active == active_.end() || active->second.stage != Active::Stage::person)
        return receive(answer_to(*run_, *ready_,
                                 approval_message(*plan_, said.node, said.because, environment_->me.user,
                                                  environment_->me.host, environment_->clock->now())));
    active->second.result = state::CommandResult{};
    active->second.by = environment_->me.user;
    active->second.because = said.because;
    observe(active->second);
}

// Asks the host what became of a step that an earlier process began.
void Runner::reconcile(NodeId id) {
    const state::NodeState& at = run_->now_state().nodes[id.index()];
    const Node& node = node_of(id);
    Active active{.node = id, .attempt = at.attempt, .prepared = prepare(*run_, node), .is_reconciling = true};
    active.prepared.before = at.before;
    active.key = job_key(journal_writer_.run_id(), node.id, at.attempt);
    // The wall clock may have been set since the step started: its time so far is never negative.
    active.began_at =
        environment_->clock->steady() - std::max<ports::Millis>(environment_->clock->now() - at.started_at, 0);
    const bool asks_host = at.phase == state::Phase::started || at.phase == state::Phase::in_doubt;
    if (!asks_host) active.job = journal::JobIs::gone;
    active_.insert_or_assign(id, std::move(active));
    if (asks_host)
        to_send_.push_back(id);
    else
        observe(active_.at(id));
}

}  // namespace pvsplan::engine
