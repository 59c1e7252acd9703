#include "runtime/engine/operator_decisions.hpp"

#include <algorithm>

#include "compiler/base/digest.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/base/shell_word.hpp"
#include "runtime/engine/attempts.hpp"
#include "runtime/engine/job.hpp"
#include "runtime/engine/left_out.hpp"
#include "runtime/engine/output_readers.hpp"
#include "runtime/journal/replay.hpp"

namespace pvsplan::engine {

using program::InstanceId;
using program::NodeId;
using program::ObjectId;
using state::Phase;
using Record = journal::Record;
using JobEventType = ports::JobEvent::Type;

std::string_view option_of(OperatorDecision::Type type) {
    switch (type) {
        case OperatorDecision::Type::done: return "--done";
        case OperatorDecision::Type::redo: return "--redo";
        case OperatorDecision::Type::kill: return "--kill";
        case OperatorDecision::Type::skip: return "--skip";
    }
    return "";
}

namespace {

// With all decisions applied: a step before `node` that is not over, or is to be tried again. If `node` counted as
// done, its successors could start before that step.
NodeId not_over_before(const state::RunState& run, NodeId node) {
    const state::ExecutionGraph& execution = run.now();
    const state::ExecutionState& state = run.now_state();
    // The outermost iteration around the step that was abandoned; none: it goes on.
    const auto abandoned_with = [&](NodeId one) {
        return state::abandoned_around(execution, state, execution.node(one).instance);
    };
    std::vector<char> is_known(execution.size(), 0);
    // Joins, skipped steps and iterations that were passed hold nothing up themselves; what comes before them may. A
    // worklist, since a chain may be as long as the plan.
    for (std::vector<NodeId> pending{node}; !pending.empty();) {
        const NodeId at = pending.back();
        pending.pop_back();
        for (auto e = execution.first_in[at.index()]; e < execution.first_in[at.index() + 1]; ++e) {
            const NodeId before = execution.in[e];
            const program::Node& one = execution.node(before);
            if (std::exchange(is_known[before.index()], 1) != 0 || state.nodes[before.index()].phase == Phase::finished)
                continue;
            const bool is_skipped =
                one.guard && state::decision_of(execution, state, one.guard) == state::Decision::fails;
            const bool was_passed = abandoned_with(before) && abandoned_with(before) != abandoned_with(node);
            if (one.type != program::Node::Type::join && !is_skipped && !was_passed) return before;
            pending.push_back(before);
        }
    }
    return {};
}

// The table of phases says what a decision may move; the rest is what a person has to hear before that: a skipped step,
// an approval, a run that goes back whatever is said.
std::string why_nothing_to_say(const Recorder& recorder, NodeId node, const OperatorDecision& decision) {
    const state::RunState& run = recorder.run();
    const Phase phase = recorder.state(node).phase;
    const std::string is = "`" + decision.node + "` is " + std::string(state::name_of(phase));
    const program::GuardId guard = run.now().node(node).guard;
    if (phase == Phase::waiting && guard &&
        state::decision_of(run.now(), run.now_state(), guard) == state::Decision::fails)
        return "`" + decision.node +
               "` is skipped, because a `when` does not hold: there is nothing to decide about it";
    // A job can be ended only where one may run, and needs no move in the table of phases.
    if (decision.type == OperatorDecision::Type::kill) {
        if (!is_under_way(phase)) return is + ": there is nothing to end";
        return has_command(run, run.now().node(node)) ? ""
                                                      : "`" + decision.node + "` has no command that could be ended";
    }
    if (run.now().node(node).type == program::Node::Type::approval && phase == Phase::waiting)
        return "`" + decision.node + "` is an approval, which is given by `pvsplan approve " + recorder.run_id() + " " +
               base::shell_word(decision.node) + "` alone";
    const auto move =
        decision.type == OperatorDecision::Type::done ? state::Move::reconcile_finished : state::Move::reconcile_again;
    if (!state::after(phase, move) || run.now().node(node).type != program::Node::Type::action)
        return is + ": there is nothing to decide about it";
    if (run.forward.rollback_because && !run.is_rolling_back() && phase != Phase::in_doubt)
        return "the run is to be rolled back (" + *run.forward.rollback_because + "), whatever is decided about `" +
               decision.node + "`; `resume` without it goes on with that";
    const program::InstanceId iteration =
        state::abandoned_around(run.now(), run.now_state(), run.now().node(node).instance);
    if (decision.type == OperatorDecision::Type::redo && !is_under_way(phase) && iteration &&
        has_abandoned_within(run.now(), run.now_state(), iteration))
        return "`" + decision.node + "` is in `" + (*run.now().instances)[iteration.index()].path +
               "`, which is not tried again, since an iteration within it was abandoned as well: finish it by hand "
               "and say so with `--done`, or roll the run back";
    return "";
}

// While its job runs the step is not over, and may not start a second time concurrently with it.
std::string why_not_over(Recorder& recorder, const Options& options, NodeId node, const OperatorDecision& decision) {
    if (!is_under_way(recorder.state(node).phase)) return "";
    const ports::JobEvent event = ask_about(recorder, options, node, ports::Job::Ask::look);
    const std::string run = recorder.run_id();
    if (event.type == ports::JobEvent::Type::running)
        return "`" + decision.node + "` still runs; `pvsplan resume " + run +
               "` waits for its end, and `pvsplan resume " + run + " --kill " + base::shell_word(decision.node) +
               "` ends it with all that it started";
    // The host was not asked, so nothing is known. A host that was asked and is silent, or has lost the job, is left to
    // the word of the person.
    if (event.type == ports::JobEvent::Type::never_started)
        return "nobody can tell whether `" + decision.node + "` still runs: " + event.text;
    return "";
}

// A step after `node` that has not begun, and that sets what is seen in place of what is in `sets`. A store that was
// put back knows nothing of what had begun since; a person may also have done by hand more than one step.
NodeId set_by_later_step(const Recorder& recorder, NodeId node, const std::vector<Set>& sets,
                         const state::ObjectStates& seen) {
    const auto is_seen = [&](const Set& one) {
        return std::any_of(sets.begin(), sets.end(), [&](const Set& set) {
            return set.object == one.object && set.attribute == one.attribute && set.value != one.value &&
                   seen.at(one.object).at(one.attribute) == one.value;
        });
    };
    for (std::size_t i = node.index() + 1; i < recorder.run().now().size(); ++i) {
        const program::Node& later = recorder.node(NodeId(i));
        if (later.type != program::Node::Type::action || recorder.state(NodeId(i)).phase != Phase::waiting ||
            recorder.ready().is_over(NodeId(i)))
            continue;
        const std::vector<Set> its = prepare(recorder.run(), later).sets;
        if (std::any_of(its.begin(), its.end(), is_seen)) return NodeId(i);
    }
    return {};
}

}  // namespace

// The order is what makes the call atomic. All is understood first; then jobs are killed, which cannot be taken back;
// then hosts are asked; only then records are written, and those are dropped with the run state if a later check
// refuses.
std::string OperatorDecisions::take(const std::vector<OperatorDecision>& decisions) {
    if (std::string why = understand(decisions); !why.empty()) return why;
    static constexpr std::size_t name_length = 16;
    // One decision needs no name: there is nothing that it would have to be judged together with.
    if (reconciled_.size() > 1)
        call_ = base::sha256_hex(recorder_.journal().run_id() + recorder_.run().last_hash).substr(0, name_length);
    if (hosts_ == Hosts::are_not_asked)
        recall();
    else if (std::string why = ask_hosts(); !why.empty())
        return why;
    // The iteration goes first: while it is left out, nobody tries a step of it again, whatever is said of the step.
    for (const auto& [decision, iteration] : wanted_again_) try_again(iteration, decision);
    for (const Reconciled& one : reconciled_) reconcile(one);
    for (const Reconciled& one : reconciled_)
        if (const NodeId open = one.decision.type == OperatorDecision::Type::done
                                    ? not_over_before(recorder_.run(), one.node)
                                    : NodeId();
            open)
            return "`" + one.decision.node + "` comes after `" + recorder_.node(open).id + "`, which is " +
                   std::string(state::name_of(recorder_.state(open).phase)) +
                   ": decide in the same call what became of that";
    return leave_out();
}

// Ends what is to be ended, and holds the other decisions against what hosts say.
std::string OperatorDecisions::ask_hosts() {
    for (const auto& [decision, node] : killed_)
        if (std::string why = kill(node, decision); !why.empty()) return why;
    for (const Reconciled& one : reconciled_)
        if (std::string why = why_not_over(recorder_, options_, one.node, one.decision); !why.empty()) return why;
    look();
    for (const Reconciled& one : reconciled_)
        if (std::string why = one.decision.type == OperatorDecision::Type::done ? why_not_done(one) : ""; !why.empty())
            return why;
    return "";
}

// All are checked before the first is recorded, and what goes on is asked with all of them left out: one may read
// outputs of another.
std::string OperatorDecisions::leave_out() {
    for (const auto& [decision, iteration] : left_out_)
        if (std::string why = why_not_left_out(recorder_, options_, iteration); !why.empty()) return why;
    for (const auto& [decision, iteration] : left_out_) engine::leave_out(recorder_, iteration, decision.because);
    return left_out_.empty() ? "" : needed_from_left_out(recorder_.run());
}

// Resolves the decisions to steps and checks that each can be made. Steps that were under way come first, because they
// began before anybody did anything by hand; the others come in the order of the plan.
std::string OperatorDecisions::understand(const std::vector<OperatorDecision>& decisions) {
    for (const OperatorDecision& decision : decisions) {
        const bool is_skip = decision.type == OperatorDecision::Type::skip;
        const auto found = recorder_.run().now().by_path.find(decision.node);
        const auto iteration = recorder_.run().execution.iteration_by_path.find(decision.node);
        const bool is_step = found != recorder_.run().now().by_path.end() &&
                             recorder_.node(found->second).type != program::Node::Type::join;
        const bool is_iteration = iteration != recorder_.run().execution.iteration_by_path.end();
        if (is_iteration && (is_skip || !is_step || recorder_.run().forward.left_out.contains(iteration->second))) {
            if (std::string why = understand(decision, iteration->second); !why.empty()) return why;
            continue;
        }
        if (is_skip) return "the run has no iteration `" + decision.node + "`";
        if (!is_step) return "the run has no step `" + decision.node + "`";
        const NodeId node = found->second;
        if (std::string why = why_nothing_to_say(recorder_, node, decision); !why.empty()) return why;
        if (std::string why = contradiction(node, decision); !why.empty()) return why;
        if (decision.type == OperatorDecision::Type::kill) {
            const auto is_killed = [&](const auto& one) { return one.second == node; };
            // Said twice is said once.
            if (std::none_of(killed_.begin(), killed_.end(), is_killed)) killed_.emplace_back(decision, node);
            continue;
        }
        Reconciled said{.decision = decision, .node = node};
        if (std::string why = read_outputs(said); !why.empty()) return why;
        const auto same = [&](const Reconciled& one) { return one.node == node; };
        if (std::none_of(reconciled_.begin(), reconciled_.end(), same)) reconciled_.push_back(std::move(said));
        if (decision.type == OperatorDecision::Type::redo && !recorder_.run().forward.rollback_because)
            wanted_again_.emplace_back(decision, recorder_.node(node).instance);
    }
    std::sort(reconciled_.begin(), reconciled_.end(), [&](const Reconciled& a, const Reconciled& b) {
        const bool a_waits = !is_under_way(recorder_.state(a.node).phase);
        const bool b_waits = !is_under_way(recorder_.state(b.node).phase);
        return std::pair(a_waits, a.node) < std::pair(b_waits, b.node);
    });
    return "";
}

// The iteration and those around it, as far as they are left out: a step runs again where they do.
void OperatorDecisions::try_again(InstanceId iteration, const OperatorDecision& decision) {
    const state::RunState& run = recorder_.run();
    while (const InstanceId left_out = state::left_out_around(run.execution, run.forward, iteration)) {
        tried_again_.push_back(left_out);
        engine::try_again(recorder_, left_out, decision.because);
    }
}

// A decision on an iteration: to go on without it, or to try it again. What is wrong with it; empty: nothing.
std::string OperatorDecisions::understand(const OperatorDecision& decision, InstanceId iteration) {
    if (decision.type == OperatorDecision::Type::skip) {
        const auto is_same = [&](const auto& one) { return one.second == iteration; };
        if (std::none_of(left_out_.begin(), left_out_.end(), is_same)) left_out_.emplace_back(decision, iteration);
        return "";
    }
    if (decision.type != OperatorDecision::Type::redo || !recorder_.run().forward.left_out.contains(iteration))
        return "`" + decision.node + "` is an iteration" +
               (decision.type == OperatorDecision::Type::redo ? " that was not left out; `" : "; `") +
               std::string(option_of(decision.type)) + "` wants one of its steps";
    if (recorder_.run().is_rolling_back()) return "`" + decision.node + "` is being rolled back";
    if (const auto& because = recorder_.run().forward.rollback_because)
        return "the run is to be rolled back (" + *because + "): it does not try `" + decision.node + "` again";
    wanted_again_.emplace_back(decision, iteration);
    return "";
}

// `--kill` goes with either: what was killed is then done by hand, or done again.
std::string OperatorDecisions::contradiction(NodeId node, const OperatorDecision& decision) const {
    for (const Reconciled& one : reconciled_)
        if (one.node == node && decision.type != OperatorDecision::Type::kill && one.decision.type != decision.type)
            return "`" + decision.node + "` is decided to be done and to be done again: pass one of `" +
                   std::string(option_of(one.decision.type)) + "` and `" + std::string(option_of(decision.type)) + "`";
    return "";
}

// The outputs of a step that was done by hand. A step that reads one must not start without it.
std::string OperatorDecisions::read_outputs(Reconciled& said) const {
    const state::RunState& run = recorder_.run();
    const program::Action& action = *run.now().action(run.now().node(said.node));
    const program::PlanNames names(plan_);
    for (const auto& [name, text] : said.decision.outputs) {
        const auto type = action.output_types.find(name);
        if (!action.outputs.contains(name)) {
            std::string known;
            for (const auto& [other, expr] : action.outputs) base::append(known, ", ", "`" + other + "`");
            return "`" + said.decision.node + "` has no output `" + name + "`" +
                   (known.empty() ? ": it puts out nothing" : "; it puts out " + known);
        }
        // Typed on a command line, so it is text: it is read as the type of the output, as what a host prints is.
        const program::Type declared = type == action.output_types.end() ? program::Type{} : type->second;
        const program::Value value = coerce(program::Value::string(text), declared);
        if (const std::string wrong = misfit(value, declared); !wrong.empty())
            return "the output `" + name + "` of `" + said.decision.node + "` is " + wrong;
        program::write_value(said.outputs[name], value, nullptr, names);
    }
    if (said.decision.type != OperatorDecision::Type::done || hosts_ == Hosts::are_not_asked) return "";
    // A trial asks no hosts, and so no person for values; only a call that is carried out wants them.
    for (const OutputReader& reader : output_readers(run, said.node))
        if (!said.outputs.contains(reader.output))
            return "`" + said.decision.node + "` puts out `" + reader.output + "`, which " + reader.who +
                   " reads: say also what it is, with `--output " + reader.output + "=VALUE`";
    return "";
}

// The decision is durable before it is carried out.
std::string OperatorDecisions::kill(NodeId node, const OperatorDecision& decision) {
    recorder_.write({.type = Record::Type::doubted,
                     .attempt = recorder_.state(node).attempt,
                     .text = "to be ended" + (decision.because.empty() ? "" : ": " + decision.because),
                     .by = environment_.me.user,
                     .host = environment_.me.host},
                    node);
    recorder_.journal().set_outcome("");
    if (base::Status committed = recorder_.journal().commit(); !committed) {
        is_store_at_fault_ = true;
        return committed.error().text();
    }
    has_killed_ = true;
    const ports::JobEvent event = ask_about(recorder_, options_, node, ports::Job::Ask::kill);
    // It may have ended before the signal arrived: then the look at its objects tells what it did.
    if (event.type == JobEventType::killed || event.type == JobEventType::no_record ||
        event.type == JobEventType::ended)
        return "";
    return "`" + decision.node + "` was not ended: " + event.text;
}

// Observes each object once: all decisions of a call are checked against one observation.
void OperatorDecisions::look() {
    std::vector<ObjectId> which;
    for (const Reconciled& one : reconciled_)
        for (const program::Setting& set : recorder_.node(one.node).sets)
            if (std::find(which.begin(), which.end(), set.object) == which.end()) which.push_back(set.object);
    for (const ObservedObject& one : observe(environment_, plan_, options_, which))
        one.error.empty() ? void(seen_[one.object] = one.state) : void(unseen_[one.object] = one.error);
}

// As far as it matters: whether what runs again has done nothing.
void OperatorDecisions::recall() {
    for (const Reconciled& one : reconciled_)
        if (one.decision.type == OperatorDecision::Type::redo)
            for (const program::Setting& set : recorder_.node(one.node).sets)
                seen_[set.object] = recorder_.run().farm[set.object.index()];
}

// Whether a step of this call, done by hand, writes the observed value: then that step was the last.
bool OperatorDecisions::is_said_to_be_set(const program::Setting& set) const {
    const program::Value& now = seen_.at(set.object).at(set.attribute);
    for (const Reconciled& other : reconciled_) {
        if (other.decision.type != OperatorDecision::Type::done) continue;
        const Prepared prepared = prepare(recorder_.run(), recorder_.node(other.node));
        for (const Set& one : prepared.sets)
            if (one.object == set.object && one.attribute == set.attribute && one.value == now) return true;
    }
    return false;
}

// What nobody can observe is believed; what is observed has to be as the step sets it, unless another step of this call
// has set it since.
std::string OperatorDecisions::why_not_done(const Reconciled& said) const {
    const program::Node& node = recorder_.node(said.node);
    for (const program::Setting& set : node.sets)
        if (const auto unseen = unseen_.find(set.object); unseen != unseen_.end())
            return "`" + said.decision.node + "` cannot be checked: " + unseen->second;
    std::vector<Set> told;
    for (const Set& set : prepare(recorder_.run(), node).sets) {
        if (!seen_.at(set.object).contains(set.attribute)) continue;
        if (!is_said_to_be_set({set.object, set.attribute, nullptr})) told.push_back(set);
    }
    const std::string differs = difference(told, seen_, plan_);
    if (differs.empty()) return "";
    const std::string is_not = "`" + said.decision.node + "` is not done: " + differs;
    const state::NodeState& at = recorder_.state(said.node);
    const bool may_have_succeeded = at.phase == Phase::failed && at.began && at.exit_status == 0;
    const NodeId later = may_have_succeeded ? set_by_later_step(recorder_, said.node, told, seen_) : NodeId();
    if (!later) return is_not;
    return is_not + "; if `" + recorder_.node(later).id +
           "` has been done since, which sets that, say both at once: `--done " + base::shell_word(said.decision.node) +
           " --done " + base::shell_word(recorder_.node(later).id) + "`";
}

// A step that is done again without proof that it did nothing may have happened twice. Those are passed to the proof,
// unless the action says that it may be repeated.
void OperatorDecisions::reconcile(const Reconciled& said) {
    const bool is_done = said.decision.type == OperatorDecision::Type::done;
    const program::Node& node = recorder_.node(said.node);
    const Prepared prepared = prepare(recorder_.run(), node);
    state::ObjectStates seen;
    bool is_unseen = false;
    std::vector<Set> told;
    for (const Set& set : prepared.sets) {
        is_unseen = is_unseen || unseen_.contains(set.object);
        const auto object = seen_.find(set.object);
        if (object == seen_.end()) continue;
        seen.insert(*object);
        if (object->second.contains(set.attribute)) told.push_back(set);
    }
    if (is_done) {
        // What nobody observes has the value that the step sets; emplace() keeps what was observed.
        for (const Set& set : prepared.sets) seen[set.object].emplace(set.attribute, set.value);
    } else {
        const state::NodeState& at = recorder_.state(said.node);
        const bool did_nothing =
            !at.began || (!is_unseen && !told.empty() && shows(told, at.before, seen) == journal::Shows::nothing);
        if (!did_nothing && !recorder_.run().now().action(node)->repeatable) may_have_happened_.push_back(said.node);
    }
    std::vector<NodeId> said_too;
    for (const Reconciled& one : reconciled_) said_too.push_back(one.node);
    recorder_.forget_what_may_change(said.node, recorder_.run().records, said_too, seen);
    const std::string otherwise = is_done ? "done by hand" : "to be done again";
    recorder_.write({.type = Record::Type::reconciled,
                     .value = is_done ? "finished" : "again",
                     .text = said.decision.because.empty() ? otherwise : said.decision.because,
                     .by = environment_.me.user,
                     .host = environment_.me.host,
                     .said = call_,
                     .states = journal::encode_states(seen, plan_),
                     .outputs = said.outputs},
                    said.node);
}

}  // namespace pvsplan::engine
