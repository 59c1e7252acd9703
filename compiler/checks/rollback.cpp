#include "compiler/checks/rollback.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/checks/failure_points.hpp"
#include "compiler/checks/partial_effects.hpp"
#include "compiler/checks/rollback_codes.hpp"
#include "compiler/checks/uncertain_writers.hpp"
#include "compiler/expand/expand.hpp"
#include "compiler/graph/order.hpp"
#include "compiler/schedule/reach.hpp"

namespace pvsplan::checks {

using schedule::Pair;
using schedule::reach;
namespace {

using expand::Expansion;
using graph::Facts;
using graph::Index;
using graph::StateVariable;
using program::Value;

class RollbackChecker {
  public:
    RollbackChecker(const Ground& ground, diag::Sink& sink)
        : model_(ground.model),
          expansion_(ground.expansion),
          node_of_(ground.node_of),
          facts_(ground.facts),
          sink_(sink),
          uncertain_writers_(ground.facts),
          partial_(ground.model, ground.facts) {
        for (const graph::ValueIndex v : facts_.initial) state_.push_back(facts_.values[v]);
        index_of_.resize(node_of_.size());
        for (Index i = 0; i < node_of_.size(); ++i) index_of_[node_of_[i]] = i;
        covered_.assign(node_of_.size(), false);
        std::vector<std::uint32_t> count(facts_.initial.size() + 1, 0);
        for (const graph::SetFact& set : facts_.sets.items) ++count[set.variable + 1];
        for (std::size_t variable = 1; variable < count.size(); ++variable) count[variable] += count[variable - 1];
        writers_.starts = count;
        writers_.items.resize(facts_.sets.items.size());
        for (Index i = 0; i < facts_.size(); ++i)
            for (const graph::SetFact& set : facts_.sets[i]) writers_.items[count[set.variable]++] = i;
        for (const expand::RecoverBlock& recovery : expansion_.recoveries) {
            const std::vector<Index> group = group_of(recovery);
            for (const Index i : group) covered_[i] = true;
            if (!group.empty()) starts_.emplace(group.front(), &recovery);
        }
    }

    RollbackVerdict run() {
        for (const expand::RecoverBlock& recovery : expansion_.recoveries) check_text(recovery);
        for (Index i = 0; i < facts_.size(); ++i) {
            const auto [begin, end] = starts_.equal_range(i);
            for (auto at = begin; at != end; ++at) check_recovery(*at->second);
            if (expansion_.nodes[node_of_[i]].type == program::Node::Type::action) {
                ++report_.points;
                if (!covered_[i]) check_undo(i);
            }
            apply(i, state_);
            uncertain_writers_.pass(i);
        }
        check_concurrent_undo();
        return std::move(report_);
    }

  private:
    [[nodiscard]] const resolve::Step& step(Index i) const {
        return *expansion_.scopes[expansion_.nodes[node_of_[i]].scope].step;
    }
    [[nodiscard]] const resolve::Action& action(Index i) const { return model_.actions[step(i).action.index()]; }
    // The place of a finding about the undo of a step: in its action, then at the step.
    [[nodiscard]] diag::Place at_undo(Index i) const {
        const base::Span undo = action(i).undo.span;
        return expansion_.finding_in(expansion_.nodes[node_of_[i]].scope, undo.is_nowhere() ? action(i).span : undo,
                                     model_);
    }
    [[nodiscard]] diag::Place in_recovery(const expand::RecoverBlock& recovery, base::Span seen) const {
        return expansion_.finding_in(recovery.scope, seen, model_);
    }
    [[nodiscard]] std::string variable_text(StateVariable variable) const {
        return facts_.object_name(facts_.variable_object[variable]) + "." +
               facts_.state_names[facts_.variable_attribute[variable]];
    }
    // The nodes that a recovery covers, ascending.
    [[nodiscard]] std::vector<Index> group_of(const expand::RecoverBlock& recovery) const {
        std::vector<Index> group;
        for (std::uint32_t node = recovery.first_node; node < recovery.end_node; ++node)
            group.push_back(index_of_[node]);
        std::sort(group.begin(), group.end());
        return group;
    }

    // A guarded node may not have run: the states that it sets then have one of two values, and it is unknown which.
    void apply(Index i, std::vector<Value>& state) const {
        for (const graph::SetFact& set : facts_.sets[i]) {
            const Value& value = facts_.values[set.value];
            if (facts_.guard[i] == graph::no_guard || state[set.variable] == value)
                state[set.variable] = value;
            else
                state[set.variable] = Value::unknown(uncertain + set.variable);
        }
    }

    [[nodiscard]] bool is_doubtful(StateVariable variable, Index i) const {
        return uncertain_writers_.of(variable, i).has_value();
    }

    [[nodiscard]] std::vector<Value> frame(Index i) const {
        std::vector<Value> variables(std::max<std::size_t>(action(i).locals, action(i).parameters.size() + 1));
        if (facts_.on[i]) variables[0] = Value::object(facts_.on[i]);
        const auto arguments = facts_.frames[facts_.frame[i]];
        std::copy(arguments.begin(), arguments.end(), variables.begin() + 1);
        return variables;
    }

    void check_undo(Index i) {
        const resolve::Action& undone = action(i);
        if (undone.undo.type == program::Undo::Type::impossible) return no_return(i, undone.undo.why);
        if (undone.undo.type == program::Undo::Type::steps && texts_.insert(&undone).second) check_text(i);
        if (undone.undo.type == program::Undo::Type::nothing && facts_.sets[i].empty()) return;
        AbstractState before(facts_, state_);
        AbstractState after(facts_, state_);
        for (AbstractState* one : {&before, &after})
            one->doubt([this, i](StateVariable variable) { return is_doubtful(variable, i); });
        for (const graph::SetFact& set : facts_.sets[i]) after.set(set.variable, facts_.values[set.value]);
        std::set<StateVariable> reads;
        after.record_reads(reads);
        AbstractRun back(model_, expansion_, facts_, after, before, facts_.on[i], nullptr);
        if (undone.undo.type == program::Undo::Type::steps && !back.run(undone.undo.steps, frame(i), {})) {
            report_.complete = false;
            if (reported_.insert({&undone, 0}).second)
                sink_.report(undo_blocked, at_undo(i), facts_.path(i), obstacle_text(back.obstacle()))
                    .related(facts_.place(i), "the step")
                    .related(back.obstacle().requires_span, "this must hold first");
            return;
        }
        if (back.is_uncertain()) {
            report_.complete = false;
            if (reported_.insert({&undone, 0}).second)
                sink_.report(undo_unknown, at_undo(i), facts_.path(i))
                    .related(facts_.place(i), "the step")
                    .related(back.uncertain_span(), "this may hold then or not");
            return;
        }
        // Covers the states that the step set and those that its undo has changed in addition.
        bool is_restored = true;
        for (const StateVariable variable : after.changed()) {
            // An undefined value cannot be restored.
            const bool is_open = is_doubtful(variable, i) && partial_.values_of(variable).empty();
            is_restored = compare(i, variable, before.at(variable), after.at(variable), is_open) && is_restored;
        }
        // What is not put back from the full effect is not from a part of it either: one cause, one finding.
        if (is_restored && undone.undo.type == program::Undo::Type::steps) check_undo_of_failure(i, before, reads);
        note_neighbours(i, reads);
    }

    // The same for a step that has failed. States that the undo does not read do not affect whether it can run;
    // check_undo compares them after the full effect.
    void check_undo_of_failure(Index i, const AbstractState& before, std::set<StateVariable>& reads) {
        std::set<StateVariable> touched;
        for (std::size_t known = 0;; known = touched.size()) {
            for (const graph::SetFact& set : facts_.sets[i])
                if (reads.contains(set.variable)) touched.insert(set.variable);
            if (touched.size() == known) return;
            const auto effects = partial_.of(i, before, touched);
            if (!effects) return report_failure(i, "it sets more states that its undo reads than are tried", {});
            for (const PartialEffects::Effect& effect : *effects)
                if (!undoes_failure(i, before, effect, reads)) return;
        }
    }

    bool undoes_failure(Index i, const AbstractState& before, const PartialEffects::Effect& effect,
                        std::set<StateVariable>& reads) {
        AbstractState left(facts_, state_);
        left.doubt([this, i](StateVariable variable) { return is_doubtful(variable, i); });
        for (const auto& [variable, value] : effect) left.set(variable, value);
        left.record_reads(reads);
        AbstractRun back(model_, expansion_, facts_, left, before, facts_.on[i], nullptr);
        back.allow_undefined();
        const std::string states = what_is_left(effect);
        if (!back.run(action(i).undo.steps, frame(i), {})) {
            report_failure(i, "with " + states + ", " + obstacle_text(back.obstacle()), back.obstacle().requires_span);
            return false;
        }
        const auto is_back = [&](const auto& one) { return left.at(one.first) == before.at(one.first); };
        const auto wrong = std::find_if_not(effect.begin(), effect.end(), is_back);
        if (wrong == effect.end() && !back.is_uncertain()) return true;
        const StateVariable variable = wrong == effect.end() ? effect.front().first : wrong->first;
        report_failure(i, "with " + states + ", it may not put `" + variable_text(variable) + "` back", {});
        return false;
    }

    [[nodiscard]] std::string what_is_left(const PartialEffects::Effect& effect) const {
        const expand::FarmNames names(model_);
        std::string text;
        for (const auto& [variable, value] : effect)
            text += (text.empty() ? "`" : ", `") + variable_text(variable) + "` " +
                    (value.is_unknown() ? "at any value" : "at " + program::to_text(value, names));
        return text;
    }

    void report_failure(Index i, const std::string& why, base::Span required) {
        report_.complete = false;
        if (!failures_said_.insert(&action(i)).second) return;
        auto reported = sink_.report(undo_of_failure, at_undo(i), facts_.path(i), why);
        reported.related(facts_.place(i), "the step");
        if (!required.is_nowhere()) reported.related(required, "this must hold first");
        reported.hint("let what undoes it begin from any of these states: a rollback stops there, and asks a person");
    }

    // A writer of a state that the undo reads is ordered with the step, or else its own undo may run concurrently with
    // this one. The writers of one state are ordered, so the neighbours of the step among them speak for all.
    void note_neighbours(Index i, const std::set<StateVariable>& reads) {
        const auto own = facts_.sets[i];
        for (const StateVariable variable : reads) {
            if (std::any_of(own.begin(), own.end(),
                            [&](const graph::SetFact& set) { return set.variable == variable; }))
                continue;
            const auto row = writers_[variable];
            const auto next = std::upper_bound(row.begin(), row.end(), i);
            if (next != row.begin()) concurrent_undo_.push_back({{*(next - 1), i}, i, variable});
            if (next != row.end()) concurrent_undo_.push_back({{i, *next}, i, variable});
        }
    }

    void check_concurrent_undo() {
        std::vector<Pair> pairs;
        for (const ConcurrentUndo& one : concurrent_undo_) pairs.push_back(one.order);
        const std::vector<bool> ordered = reach(facts_, pairs);
        for (std::size_t k = 0; k < pairs.size(); ++k) {
            if (ordered[k]) continue;
            report_.complete = false;
            const auto& [order, node, variable] = concurrent_undo_[k];
            const Index other = order.before == node ? order.after : order.before;
            if (reported_.insert({&action(node), 0}).second)
                sink_.report(undo_unknown, at_undo(node), facts_.path(node))
                    .related(facts_.place(node), "the step")
                    .related(facts_.place(other), "may overlap with the step, and so may its undo")
                    .hint("it reads `" + variable_text(variable) + "`, which `" + std::string(facts_.path(other)) +
                          "` sets");
        }
    }

    // Whether the state is put back; reports where it is not, or not surely.
    bool compare(Index i, StateVariable variable, const Value& before, const Value& after, bool is_uncertain) {
        if (before == after && !is_uncertain) return true;
        report_.complete = false;
        if (reported_.insert({&action(i), facts_.variable_attribute[variable] + 1}).second)
            report_not_restored(i, variable, before, after, is_uncertain);
        return false;
    }

    void report_not_restored(Index i, StateVariable variable, const Value& before, const Value& after,
                             bool is_uncertain) {
        const diag::Place where = at_undo(i).because_of(facts_.state_names[facts_.variable_attribute[variable]]);
        const expand::FarmNames names(model_);
        if (is_uncertain || before.is_unknown() || after.is_unknown()) {
            auto reported = sink_.report(restore_unknown, where, facts_.path(i), variable_text(variable));
            reported.related(facts_.place(i), "the step");
            for (const Value* value : {&before, &after})
                if (value->is_unknown() && value->as_unknown()->id < uncertain)
                    reported.hint("it depends on " + facts_.unknown_text(value->as_unknown()->id));
            if (const auto uncertain_writer = uncertain_writers_.of(variable, i))
                reported.hint("`" + std::string(facts_.path(*uncertain_writer)) +
                              "` before it may be abandoned halfway while this goes on, and be tried again after it");
            if (!partial_.values_of(variable).empty() || !is_doubtful(variable, i))
                reported.hint("let the undo set it to `${before." +
                              facts_.state_names[facts_.variable_attribute[variable]] + "}`");
            return;
        }
        sink_.report(not_restored, where, facts_.path(i), variable_text(variable))
            .label("leaves it " + program::to_text(after, names) + ", it was " + program::to_text(before, names))
            .related(facts_.place(i), "the step")
            .hint("let `undo` set it back, or write `undo: {impossible: why}`");
    }

    [[nodiscard]] std::string obstacle_text(const Obstacle& obstacle) const {
        std::string text = "`" + model_.actions[obstacle.step->action.index()].compiled.name + "`";
        if (obstacle.on) text += " on `" + facts_.object_name(obstacle.on) + "`";
        return text + " requires what does not hold then";
    }

    void no_return(Index i, const std::string& why) {
        report_.complete = false;
        RollbackVerdict::NoReturn point{.node = i, .why = why};
        if (no_return_work_left_ < i) {
            no_return_work_left_ = 0;
            if (reported_.insert({nullptr, 0}).second) sink_.report(not_listed, facts_.place(i), facts_.path(i));
            return report_.no_return.push_back(std::move(point));
        }
        no_return_work_left_ -= i;
        std::vector<bool> seen(i + 1, false);
        std::vector<Index> open = {i};
        while (!open.empty()) {
            const Index at = open.back();
            open.pop_back();
            for (const Index before : facts_.predecessors[at])
                if (!seen[before]) seen[before] = true, open.push_back(before);
        }
        for (Index before = 0; before < i; ++before)
            if (seen[before] && expansion_.nodes[node_of_[before]].type == program::Node::Type::action &&
                !facts_.sets[before].empty())
                point.stranded.push_back(before);
        report_.no_return.push_back(std::move(point));
    }

    // Checks the text of an undo: it expands, and its own graph has an order without races.
    void check_text(Index i) {
        Expansion undo = expand::expand_undo(model_, expansion_, expansion_.nodes[node_of_[i]], facts_.path(i), sink_);
        (void)graph::order(
            undo, [&](std::uint32_t n) { return undo.path(n, model_); }, sink_);
    }
    void check_text(const expand::RecoverBlock& recovery) {
        Expansion steps = expand::expand_recovery(model_, expansion_, recovery, sink_);
        (void)graph::order(
            steps, [&](std::uint32_t n) { return steps.path(n, model_); }, sink_);
    }

    // ---- recover ------------------------------------------------------------------------------------------------

    // A failure point costs as much work as the group has nodes; all groups share one budget.
    [[nodiscard]] std::size_t max_points(std::size_t nodes) const {
        static constexpr std::size_t most = 20'000;
        return std::min(recover_work_left_ / std::max<std::size_t>(nodes, 1), most);
    }

    void check_recovery(const expand::RecoverBlock& recovery) {
        const std::vector<Index> group = group_of(recovery);
        std::vector<std::string> paths;
        std::vector<Part> parts;
        std::vector<std::uint32_t> others;
        bool carries_on = false;
        for (const Index i : group) {
            const expand::Node& node = expansion_.nodes[node_of_[i]];
            const bool is_join = node.type == program::Node::Type::join;
            paths.push_back(is_join ? std::string() : facts_.path(i));
            parts.push_back(is_join                                    ? Part::join
                            : node.type == program::Node::Type::action ? Part::action
                                                                       : Part::approval);
            others.push_back(0);
            for (const graph::SetFact& set : facts_.sets[i])
                others.back() = std::max(others.back(), static_cast<std::uint32_t>(partial_.others_than(set).size()));
            carries_on = carries_on || facts_.instance[i] != graph::no_index;
        }
        if (group.empty()) return;
        const std::vector<Value> around = state_around(group);
        std::set<StateVariable> reads;
        std::set<std::pair<int, std::uint32_t>> said;
        const std::size_t most = max_points(group.size());
        if (most == 0)
            return not_all(recovery, "the other groups have more points at which they can fail than are tried");
        const Seen seen = for_each_failure_point({facts_, group, parts, others}, most, [&](const FailurePoint& point) {
            recover_work_left_ -= std::min(recover_work_left_, group.size());
            recover_from(recovery, group, paths, point, around, reads, said);
            return said.empty();
        });
        if (seen == Seen::stopped) return;
        check_concurrent(recovery, group, reads);
        if (seen == Seen::too_many)
            not_all(recovery, "there are more than " + std::to_string(most) + " points at which it can fail");
        if (carries_on) not_all(recovery, "a loop in it carries on after a failure");
    }

    void not_all(const expand::RecoverBlock& recovery, const std::string& why) {
        report_.complete = false;
        sink_.report(recover_not_all, in_recovery(recovery, recovery.span), name_of(recovery), why)
            .hint("give smaller groups a `recover` of their own, or leave it to the `undo` of each step");
    }

    [[nodiscard]] std::string name_of(const expand::RecoverBlock& recovery) const {
        const std::string path = expansion_.path_of_scope(recovery.scope, model_);
        return path.empty() ? "the plan" : "`" + path + "`";
    }

    // The state when the group begins. A concurrent writer outside of the group may have written by then or not.
    [[nodiscard]] std::vector<Value> state_around(const std::vector<Index>& group) const {
        std::vector<Value> state = state_;
        for (StateVariable variable = 0; variable < state.size(); ++variable)
            if (is_doubtful(variable, group.front())) state[variable] = Value::unknown(uncertain + variable);
        for (Index i = group.front(); i < group.back(); ++i) {
            if (std::binary_search(group.begin(), group.end(), i)) continue;
            for (const graph::SetFact& set : facts_.sets[i])
                if (!(state_[set.variable] == facts_.values[set.value]))
                    state[set.variable] = Value::unknown(uncertain + set.variable);
        }
        return state;
    }

    // Completes the check: no node concurrent with the group may change a state that the rollback reads.
    void check_concurrent(const expand::RecoverBlock& recovery, const std::vector<Index>& group,
                          const std::set<StateVariable>& reads) {
        std::vector<Index> concurrent;
        for (const StateVariable variable : reads)
            for (const Index writer : writers_[variable])
                if (!std::binary_search(group.begin(), group.end(), writer)) concurrent.push_back(writer);
        if (concurrent.empty()) return;
        const std::vector<Index> before = related_to_all(group, facts_.predecessors);
        const std::vector<Index> after = related_to_all(group, facts_.successors);
        for (const Index writer : concurrent)
            if (!std::binary_search(before.begin(), before.end(), writer) &&
                !std::binary_search(after.begin(), after.end(), writer))
                return not_all(recovery, "`" + facts_.path(writer) + "` may overlap with it and change what it reads");
    }

    // The nodes outside of the group from which a path leads to every node of it, or, along the other direction, to
    // which one leads from every node of it; ascending.
    [[nodiscard]] std::vector<Index> related_to_all(const std::vector<Index>& group,
                                                    const graph::Rows<Index>& next) const {
        const auto in_group = [&](Index i) { return std::binary_search(group.begin(), group.end(), i); };
        std::vector<Index> related;
        std::vector<std::uint32_t> seen(facts_.size(), 0);
        std::uint32_t ends = 0;
        for (const Index end : group) {
            const auto beyond = next[end];
            if (std::any_of(beyond.begin(), beyond.end(), in_group)) continue;
            // A node that is related to all ends so far has been seen `ends` times; the search follows no others.
            std::vector<Index> open = {end};
            for (std::size_t at = 0; at < open.size(); ++at)
                for (const Index other : next[open[at]])
                    if (seen[other] == ends) {
                        seen[other] = ends + 1;
                        open.push_back(other);
                    }
            ++ends;
        }
        for (Index i = 0; i < facts_.size(); ++i)
            if (seen[i] == ends && !in_group(i)) related.push_back(i);
        return related;
    }

    void recover_from(const expand::RecoverBlock& recovery, const std::vector<Index>& group,
                      const std::vector<std::string>& paths, const FailurePoint& point,
                      const std::vector<Value>& around, std::set<StateVariable>& reads,
                      std::set<std::pair<int, std::uint32_t>>& said) {
        ++report_.points;
        const AbstractState before(facts_, around);
        AbstractState state(facts_, around);
        state.record_reads(reads);
        bool has_undefined = false;
        std::size_t last = 0;  // the step to point at: a failed one, else the last done one
        for (std::size_t k = 0; k < group.size(); ++k) {
            const Stand stand = point.stands[k];
            if (stand != Stand::done && stand != Stand::failed) continue;
            if (!paths[k].empty() && (stand == Stand::failed || point.stands[last] != Stand::failed)) last = k;
            const auto sets = facts_.sets[group[k]];
            const std::uint32_t parts = 1U << sets.size();
            for (std::size_t s = 0; s < sets.size(); ++s)
                if (stand == Stand::failed && point.there[k] >= parts) {
                    const std::vector<Value> others = partial_.others_than(sets[s]);
                    if (others.empty()) continue;
                    state.set(sets[s].variable, others[(point.there[k] - parts) % others.size()]);
                    has_undefined = has_undefined || others[0].is_unknown();
                } else if (stand == Stand::done || (point.there[k] >> s & 1U) != 0)
                    state.set(sets[s].variable, facts_.values[sets[s].value]);
        }
        const auto within = [&](const std::string& path, auto&& holds) {
            for (std::size_t k = 0; k < group.size(); ++k)
                if (is_in(paths[k], path) && holds(point.stands[k])) return true;
            return false;
        };
        // The same answers as those of the runtime: a skipped step blocks nothing, and counts as not done.
        const GroupOutcome outcome{
            .done =
                [&](const std::string& p) {
                    return !within(p, [](Stand s) { return s == Stand::not_started || s == Stand::failed; }) &&
                           within(p, [](Stand s) { return s == Stand::done; });
                },
            .started =
                [&](const std::string& p) {
                    return within(p, [](Stand s) { return s == Stand::done || s == Stand::failed; });
                },
            .failed = [&](const std::string& p) { return within(p, [](Stand s) { return s == Stand::failed; }); }};
        AbstractRun back(model_, expansion_, facts_, state, before, {}, &outcome);
        if (has_undefined) back.allow_undefined();
        const std::string who = name_of(recovery);
        const bool is_failure = point.stands[last] == Stand::failed;
        const std::string when = "`" + paths[last] + (is_failure ? "` failed" : "` was done");
        const char* const which = is_failure ? "the step that failed" : "the step that was done last";
        if (!back.run(*recovery.block, recovery.locals, recovery.siblings)) {
            report_.complete = false;
            if (said.insert({1, 0}).second)
                sink_
                    .report(recover_blocked, in_recovery(recovery, back.obstacle().step->head), who, when,
                            obstacle_text(back.obstacle()))
                    .related(facts_.place(group[last]), which)
                    .related(back.obstacle().requires_span, "this must hold first")
                    .hint("a `when` lets a step of `recover` run only where it can");
            return;
        }
        // Covers the states that the group set and those that its rollback has changed in addition.
        for (const StateVariable variable : state.changed()) {
            const Value& was = before.at(variable);
            const Value& is = state.at(variable);
            if (was == is && !back.is_uncertain()) continue;
            report_.complete = false;
            const std::string what = variable_text(variable);
            if (is == Value::unknown(undefined + variable) && !back.is_uncertain()) {
                if (said.insert({2, facts_.variable_attribute[variable]}).second)
                    sink_.report(recover_leaves, in_recovery(recovery, recovery.span), who, what, when)
                        .label("leaves it as the step that failed has left it, whatever that is")
                        .related(facts_.place(group[last]), which);
            } else if (was.is_unknown() || is.is_unknown() || back.is_uncertain()) {
                if (!unknown_said_.insert(what + who).second) continue;
                diag::Place place = in_recovery(recovery, recovery.span);
                place.instance = what;
                auto reported = sink_.report(recover_unknown, place, who, what);
                for (const Value* value : {&was, &is})
                    if (value->is_unknown() && value->as_unknown()->id < uncertain)
                        reported.hint("it depends on " + facts_.unknown_text(value->as_unknown()->id));
                if (has_undefined && back.is_uncertain())
                    reported.hint(
                        "a `when` reads what a step that failed on its way may have left neither as it was nor as it "
                        "should be; `when: started(STEP)` asks for nothing of it");
            } else if (said.insert({2, facts_.variable_attribute[variable]}).second) {
                const expand::FarmNames names(model_);
                sink_.report(recover_leaves, in_recovery(recovery, recovery.span), who, what, when)
                    .label("leaves it " + program::to_text(is, names) + ", it was " + program::to_text(was, names))
                    .related(facts_.place(group[last]), which);
            }
        }
    }

    static bool is_in(const std::string& path, const std::string& group) {
        if (path.empty() || !path.starts_with(group)) return false;
        return path.size() == group.size() || path[group.size()] == '.' || path[group.size()] == '[' ||
               path[group.size()] == ':';
    }

    const resolve::Model& model_;
    Expansion& expansion_;
    const std::vector<std::uint32_t>& node_of_;
    const Facts& facts_;
    diag::Sink& sink_;
    RollbackVerdict report_;
    std::size_t recover_work_left_ = 4'000'000;     // nodes, over all failure points of all groups
    std::size_t no_return_work_left_ = 60'000'000;  // nodes before points of no return
    std::vector<Value> state_;                      // by state variable, before the present node
    UncertainWriters uncertain_writers_;            // before that node
    const PartialEffects partial_;
    struct ConcurrentUndo {
        Pair order;
        Index node;
        StateVariable variable;
    };
    std::vector<ConcurrentUndo> concurrent_undo_;
    std::vector<bool> covered_;
    graph::Rows<Index> writers_;                                // by state variable
    std::vector<Index> index_of_;                               // by node of the expansion
    std::multimap<Index, const expand::RecoverBlock*> starts_;  // by first node
    std::set<const resolve::Action*> texts_;
    std::set<const resolve::Action*> failures_said_;
    std::set<std::pair<const resolve::Action*, std::uint32_t>> reported_;
    std::set<std::string> unknown_said_;
};

}  // namespace

RollbackVerdict check_rollback(const Ground& ground, diag::Sink& sink) { return RollbackChecker(ground, sink).run(); }

}  // namespace pvsplan::checks
