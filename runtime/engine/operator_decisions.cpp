#include "runtime/engine/operator_decisions.hpp"

#include <algorithm>

#include "compiler/base/digest.hpp"
#include "runtime/engine/output_readers.hpp"
#include "runtime/journal/replay.hpp"

namespace pvsplan::engine {

using program::NodeId;
using program::ObjectId;
using state::Phase;
using Record = journal::Record;

namespace {

const state::NodeState& state_of(Runner& runner, NodeId node) { return runner.run().now_state().nodes[node.index()]; }

bool is_under_way(Phase phase) { return phase == Phase::started || phase == Phase::in_doubt; }

std::string_view option_of(Mark::Is is) {
    return is == Mark::Is::done ? "--done" : is == Mark::Is::redo ? "--redo" : "--kill";
}

}  // namespace

std::string OperatorDecisions::take(const std::vector<Mark>& marks) {
    if (std::string why = understand(marks); !why.empty()) return why;
    static constexpr std::size_t name_length = 16;
    if (settled_.size() > 1)
        call_ = base::sha256_hex(runner_.pen().run_id() + runner_.run().last_hash).substr(0, name_length);
    for (const auto& [mark, node] : killed_)
        if (std::string why = kill(node, mark); !why.empty()) return why;
    for (const Settled& one : settled_)
        if (std::string why = why_not_over(one.node, one.mark); !why.empty()) return why;
    look();
    for (const Settled& one : settled_)
        if (std::string why = one.mark.is == Mark::Is::done ? why_not_done(one) : ""; !why.empty()) return why;
    for (const Settled& one : settled_) settle(one);
    for (const Settled& one : settled_)
        if (const NodeId open = one.mark.is == Mark::Is::done ? not_over_before(one.node) : NodeId(); open)
            return "`" + one.mark.node + "` comes after `" + runner_.run().now().node(open).id + "`, which is " +
                   std::string(state::name_of(state_of(runner_, open).phase)) +
                   ": say in the same call what became of that";
    return "";
}

// With all that was said: a step before `node` that is still to come, or is to be tried again. Were `node` over, what
// comes after it could begin before that one.
NodeId OperatorDecisions::not_over_before(NodeId node) const {
    const state::Course& course = runner_.run().now();
    const state::CourseState& state = runner_.run().now_state();
    const auto abandoned_with = [&](NodeId one) {
        return state::abandoned_around(course, state, course.node(one).instance);
    };
    std::vector<char> is_known(course.size(), 0);
    for (std::vector<NodeId> pending{node}; !pending.empty();) {
        const NodeId at = pending.back();
        pending.pop_back();
        for (auto e = course.first_in[at.index()]; e < course.first_in[at.index() + 1]; ++e) {
            const NodeId before = course.in[e];
            const program::Node& one = course.node(before);
            if (std::exchange(is_known[before.index()], 1) != 0 || state.nodes[before.index()].phase == Phase::finished)
                continue;
            const bool is_skipped = one.guard && state::decision_of(course, state, one.guard) == state::Decision::fails;
            const bool was_passed = abandoned_with(before) && abandoned_with(before) != abandoned_with(node);
            if (one.is != program::Node::Is::join && !is_skipped && !was_passed) return before;
            pending.push_back(before);
        }
    }
    return {};
}

// Of which steps what is said, and whether it can be said. What was under way had begun before anybody did anything by
// hand, so it comes first; else steps come in the order of the plan.
std::string OperatorDecisions::understand(const std::vector<Mark>& marks) {
    for (const Mark& mark : marks) {
        const auto found = runner_.run().now().by_path.find(mark.node);
        if (found == runner_.run().now().by_path.end()) return "the run has no step `" + mark.node + "`";
        const NodeId node = found->second;
        if (std::string why = why_nothing_to_say(node, mark); !why.empty()) return why;
        if (std::string why = contradiction(node, mark); !why.empty()) return why;
        if (mark.is == Mark::Is::kill) {
            killed_.emplace_back(mark, node);
            continue;
        }
        Settled said{.mark = mark, .node = node};
        if (std::string why = read_outputs(said); !why.empty()) return why;
        const auto same = [&](const Settled& one) { return one.node == node; };
        if (std::none_of(settled_.begin(), settled_.end(), same)) settled_.push_back(std::move(said));
    }
    std::sort(settled_.begin(), settled_.end(), [&](const Settled& a, const Settled& b) {
        const bool a_waits = !is_under_way(state_of(runner_, a.node).phase);
        const bool b_waits = !is_under_way(state_of(runner_, b.node).phase);
        return std::pair(a_waits, a.node) < std::pair(b_waits, b.node);
    });
    return "";
}

std::string OperatorDecisions::why_nothing_to_say(NodeId node, const Mark& mark) const {
    const state::RunState& run = runner_.run();
    const Phase phase = state_of(runner_, node).phase;
    const std::string is = "`" + mark.node + "` is " + std::string(state::name_of(phase));
    if (mark.is == Mark::Is::kill) return is_under_way(phase) ? "" : is + ": there is nothing to end";
    const auto move = mark.is == Mark::Is::done ? state::Move::settle_finished : state::Move::settle_again;
    if (!state::after(phase, move) || run.now().node(node).is != program::Node::Is::action)
        return is + ": there is nothing to say of it";
    if (run.forward.rollback_because && !run.is_on_the_way_back() && phase != Phase::in_doubt)
        return "the run is to be rolled back (" + *run.forward.rollback_because + "), whatever is said of `" +
               mark.node + "`; `resume` without it goes on with that";
    return "";
}

std::string OperatorDecisions::contradiction(NodeId node, const Mark& mark) const {
    for (const Settled& one : settled_)
        if (one.node == node && mark.is != Mark::Is::kill && one.mark.is != mark.is)
            return "`" + mark.node + "` is said to be done and to be done again: say one of `" +
                   std::string(option_of(one.mark.is)) + "` and `" + std::string(option_of(mark.is)) + "`";
    return "";
}

// What a step put out that was done by hand: a step that reads it must not go on without.
std::string OperatorDecisions::read_outputs(Settled& said) const {
    const state::RunState& run = runner_.run();
    const program::Action& action = *run.now().action(run.now().node(said.node));
    const program::PlanNames names(plan_);
    for (const auto& [name, text] : said.mark.outputs) {
        const auto type = action.output_types.find(name);
        if (!action.outputs.contains(name)) {
            std::string known;
            for (const auto& [other, expr] : action.outputs) known += (known.empty() ? "`" : ", `") + other + "`";
            return "`" + said.mark.node + "` has no output `" + name + "`" +
                   (known.empty() ? ": it puts out nothing" : "; it puts out " + known);
        }
        const program::Type declared = type == action.output_types.end() ? program::Type{} : type->second;
        const program::Value value = coerce(program::Value::string(text), declared);
        if (const std::string wrong = misfit(value, declared); !wrong.empty())
            return "the output `" + name + "` of `" + said.mark.node + "` is " + wrong;
        program::write_value(said.outputs[name], value, nullptr, names);
    }
    if (said.mark.is != Mark::Is::done) return "";
    for (const OutputReader& reader : output_readers(run, said.node))
        if (!said.outputs.contains(reader.output))
            return "`" + said.mark.node + "` puts out `" + reader.output + "`, which " + reader.who +
                   " reads: say also what it is, with `--output " + reader.output + "=VALUE`";
    return "";
}

// The decision is durable before it is carried out.
std::string OperatorDecisions::kill(NodeId node, const Mark& mark) {
    runner_.write({.is = Record::Is::doubted,
                   .attempt = state_of(runner_, node).attempt,
                   .text = "to be ended" + (mark.because.empty() ? "" : ": " + mark.because),
                   .by = world_.me.user,
                   .host = world_.me.host},
                  node);
    runner_.pen().set_outcome("");
    if (base::Status committed = runner_.pen().commit(); !committed) return committed.error().text();
    has_killed_ = true;
    const ports::JobEvent event = runner_.ask_about(node, ports::Job::Ask::kill);
    using Is = ports::JobEvent::Is;
    if (event.is == Is::killed || event.is == Is::no_record || event.is == Is::ended) return "";
    return "`" + mark.node + "` was not ended: " + event.text;
}

// While its job runs, nothing is over and nothing may be begun beside it.
std::string OperatorDecisions::why_not_over(NodeId node, const Mark& mark) {
    if (!is_under_way(state_of(runner_, node).phase)) return "";
    const ports::JobEvent event = runner_.ask_about(node, ports::Job::Ask::look);
    const std::string run = runner_.pen().run_id();
    if (event.is == ports::JobEvent::Is::running)
        return "`" + mark.node + "` still runs; `pvsplan resume " + run + "` waits for its end, and `pvsplan resume " +
               run + " --kill '" + mark.node + "'` ends it with all that it started";
    if (event.is == ports::JobEvent::Is::never_started)
        return "nobody can tell whether `" + mark.node + "` still runs: " + event.text;
    return "";
}

// All objects once: what is said at once is held against one look.
void OperatorDecisions::look() {
    std::vector<ObjectId> which;
    for (const Settled& one : settled_)
        for (const program::Setting& set : runner_.run().now().node(one.node).sets)
            if (std::find(which.begin(), which.end(), set.object) == which.end()) which.push_back(set.object);
    if (which.empty()) return;
    for (const ObservedObject& one : observe(world_, plan_, options_, which))
        one.error.empty() ? void(seen_[one.object] = one.state) : void(unseen_[one.object] = one.error);
}

// Another step of which it is said that it was done by hand has set it as well: one of them was the last.
bool OperatorDecisions::is_set_by_another(const Settled& said, const program::Setting& set) const {
    const program::Value& now = seen_.at(set.object).at(set.attribute);
    for (const Settled& other : settled_) {
        if (other.node == said.node || other.mark.is != Mark::Is::done) continue;
        const Prepared prepared = prepare(runner_.run(), runner_.run().now().node(other.node));
        for (const Set& one : prepared.sets)
            if (one.object == set.object && one.attribute == set.attribute && one.value == now) return true;
    }
    return false;
}

std::string OperatorDecisions::why_not_done(const Settled& said) const {
    const program::Node& node = runner_.run().now().node(said.node);
    for (const program::Setting& set : node.sets)
        if (const auto unseen = unseen_.find(set.object); unseen != unseen_.end())
            return "`" + said.mark.node + "` cannot be checked: " + unseen->second;
    std::vector<Set> told;
    for (const Set& set : prepare(runner_.run(), node).sets) {
        const auto object = seen_.find(set.object);
        if (object == seen_.end() || !object->second.contains(set.attribute)) continue;
        if (!is_set_by_another(said, {set.object, set.attribute, nullptr})) told.push_back(set);
    }
    const std::string differs = difference(told, seen_, plan_);
    return differs.empty() ? "" : "`" + said.mark.node + "` is not done: " + differs;
}

void OperatorDecisions::settle(const Settled& said) {
    const bool is_done = said.mark.is == Mark::Is::done;
    const program::Node& node = runner_.run().now().node(said.node);
    const Prepared prepared = prepare(runner_.run(), node);
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
        for (const Set& set : prepared.sets) seen[set.object].emplace(set.attribute, set.value);
    } else {
        const state::NodeState& at = state_of(runner_, said.node);
        const bool did_nothing =
            !at.began || (!is_unseen && !told.empty() && shows(told, at.before, seen) == journal::Shows::nothing);
        if (!did_nothing && !runner_.run().now().action(node)->repeatable) may_have_happened_.push_back(said.node);
    }
    std::vector<NodeId> said_too;
    for (const Settled& one : settled_) said_too.push_back(one.node);
    runner_.forget_what_may_change(said.node, runner_.run().records, said_too, seen);
    const std::string otherwise = is_done ? "done by hand" : "to be done again";
    runner_.write({.is = Record::Is::settled,
                   .value = is_done ? "finished" : "again",
                   .text = said.mark.because.empty() ? otherwise : said.mark.because,
                   .by = world_.me.user,
                   .host = world_.me.host,
                   .said = call_,
                   .states = journal::encode_states(seen, plan_),
                   .outputs = said.outputs},
                  said.node);
}

}  // namespace pvsplan::engine
