#include "runtime/engine/recorder.hpp"

#include <algorithm>

#include "runtime/engine/console_text.hpp"
#include "runtime/engine/job.hpp"

namespace pvsplan::engine {

using program::Node;
using program::NodeId;
using program::ObjectId;
using state::Phase;
using Record = journal::Record;

Recorder::Recorder(const Environment& environment, const program::Plan& plan, ports::Lease lease, std::string run_id,
                   state::RunState& run)
    : environment_(&environment),
      plan_(&plan),
      run_(&run),
      journal_(environment.store, *environment.clock, std::move(lease), std::move(run_id), run),
      ready_(std::make_unique<Ready>(run.now(), run.now_state())) {
    // Whoever begins or resumes a run has said which secrets are missing.
    (void)learn_secrets(plan, *environment.secrets, redactor_);
}

// What every event about a step has; the caller adds what happened.
Event Recorder::event_for(Event::Type type, NodeId id) const {
    const Node& of = node(id);
    Event event{.type = type, .node = of.id, .place = of.source};
    if (of.type == Node::Type::action) {
        event.tries = state(id).tries;
        event.max_tries = of.retry.times + 1;
    }
    if (of.on) event.object = plan_->objects[of.on.index()].id;
    return event;
}

// Every event passes here, so this is where its text loses its secrets. A line of output alone may be a piece of
// something that was wrapped.
void Recorder::tell(Event event) {
    event.at = environment_->clock->now();
    event.steady = environment_->clock->steady();
    event.run = journal_.run_id();
    event.running = running_;
    event.over = ready_->steps_over();
    // A step may be counted as running and as over for a moment, so the difference is not taken blindly.
    const std::uint64_t gone = event.over + event.running;
    event.left = ready_->steps() > gone ? ready_->steps() - gone : 0;
    event.text = event.type == Event::Type::step_output ? redactor_.clean_line(as_utf8(std::move(event.text)))
                                                        : redactor_.clean(std::move(event.text));
    journal_.tell(std::move(event));
}

// First the record, then what follows from it, then what may start now: nothing can start between a failure and the
// decision about it.
void Recorder::write(Record record, NodeId id) {
    record.node = node(id).id;
    record.text = redactor_.clean(std::move(record.text));
    const bool is_failure = record.type == Record::Type::failed || record.type == Record::Type::unreached;
    journal_.write(std::move(record));
    if (is_failure) decide_what_follows(id);
    ready_->changed(id);
}

// Recorded in one commit with the failure, so no crash can come between the failure and the decision.
void Recorder::decide_what_follows(NodeId failed) {
    if (state(failed).phase != Phase::failed && state(failed).phase != Phase::unreached) return;  // it is tried again
    const Consequence follows = consequence_of(run_->now(), run_->now_state(), failed);
    if (follows.abandons)
        journal_.write({.type = Record::Type::abandoned,
                        .node = (*run_->now().instances)[follows.abandons.index()].path,
                        .text = follows.because});
    // Once a rollback is due, further failures change nothing: it is recorded once, with the first reason.
    if (follows.stop == HaltReason::no || is_to_be_rolled_back()) return;
    journal_.write({.type = Record::Type::stopped,
                    .node = node(failed).id,
                    .value = follows.stop == HaltReason::roll_back ? "rollback" : "halt",
                    .text = follows.because});
}

// A guard is decided once and for ever: a run that is resumed takes the record, not the condition.
void Recorder::decide(program::GuardId id, bool holds) {
    const program::Guard& guard = (*run_->now().guards)[id.index()];
    journal_.write({.type = Record::Type::decided, .node = guard.step, .value = holds ? "holds" : "fails"});
    ready_->decided(id);
    tell({.type = Event::Type::guard_decided, .node = guard.step, .text = holds ? "runs" : "skipped"});
}

// For a change that is not about one node: everything is derived again from the state, linear in the plan.
void Recorder::look_anew() { ready_ = std::make_unique<Ready>(run_->now(), run_->now_state()); }

// The writers are those of the program that goes on, which is another one from here.
void Recorder::follow_rollback() {
    writers_.reset();
    look_anew();
}

// By the numbers of the records that started them. Linear in the steps, and asked of few of them.
bool Recorder::is_set_since(NodeId id) const {
    const std::vector<state::NodeState>& states = run_->now_state().nodes;
    const std::vector<Node>& steps = run_->now().graph->nodes;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (i == id.index() || states[i].started_as <= states[id.index()].started_as) continue;
        for (const auto& mine : node(id).sets)
            for (const auto& other : steps[i].sets)
                if (mine.object == other.object && mine.attribute == other.attribute) return true;
    }
    return false;
}

// Objects of which nothing is left are taken out as well, so that an empty one is not taken for one that was seen.
void Recorder::forget_what_may_change(NodeId id, std::uint64_t since, const std::vector<NodeId>& said_too,
                                      state::ObjectStates& seen) {
    if (!writers_) writers_ = std::make_unique<Writers>(run_->now());
    std::vector<NodeId> except = said_too;
    except.push_back(id);
    for (auto& [object, values] : seen)
        std::erase_if(values, [&, of = object](const auto& one) {
            return writers_->may_have_changed(run_->now_state(), of, one.first, since, except);
        });
    std::erase_if(seen, [](const auto& one) { return one.second.empty(); });
}

}  // namespace pvsplan::engine
