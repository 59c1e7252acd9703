#include "compiler/checks/undo_check.hpp"

#include <algorithm>

#include "compiler/checks/rollback_codes.hpp"
#include "compiler/schedule/fact_names.hpp"
#include "compiler/schedule/state_variables.hpp"

namespace pvsplan::checks {

using graph::Index;
using graph::StateVariable;
using program::Value;
using schedule::variable_text;

// The walk holds the states before the node in one order of the plan. Where another order, or an abandoned iteration,
// could have left something else, the value counts as not known.
AbstractState UndoCheck::state_at(Index node) const {
    AbstractState state(walk_.state);
    state.doubt([this, node](StateVariable variable) { return walk_.is_doubtful(variable, node); });
    return state;
}

// What the undo may read of the step: its object as local 0, then its arguments, as the engine lays them out.
std::vector<Value> UndoCheck::frame_of(Index node) const {
    std::vector<Value> frame(1, facts_.on[node] ? Value::object(facts_.on[node]) : Value());
    const auto arguments = facts_.frames[facts_.frame[node]];
    frame.insert(frame.end(), arguments.begin(), arguments.end());
    return frame;
}

// The place of a finding about the undo of a step: in its action, then at the step.
diag::Place UndoCheck::place_of_undo(Index node) const {
    const graph::ActionFact& action = facts_.actions[facts_.action[node]];
    return facts_.finding_in(node, action.undo_place.is_nowhere() ? action.place : action.undo_place);
}

// A step without undo that sets nothing has nothing to restore. `nothing` as an undo runs an empty program: then the
// step itself must leave each state as it was.
void UndoCheck::look_at(Index node) {
    const bool has_steps = facts_.actions[facts_.action[node]].undo == program::Undo::Type::steps;
    if (!has_steps && facts_.sets[node].empty()) return;
    const AbstractState before = state_at(node);
    AbstractState after = state_at(node);
    // The full effect: the step has finished, and each state that it sets has the new value.
    for (const graph::SetFact& set : facts_.sets[node]) after.set(set.variable, facts_.values[set.value]);
    Reads reads;
    after.record_reads(reads);
    static const graph::Rollback nothing;
    const graph::Rollback* const program = has_steps ? walk_.programs.undo_of(node) : &nothing;
    if (!program) {
        walk_.verdict.complete = false;
        return;
    }
    const Undone undone{.before = before, .on = facts_.on[node], .frame = frame_of(node)};
    AbstractRun back(facts_, *program, after, undone);
    const bool came_through = back.run();
    if (!can_run_after(node, back, came_through)) return;
    // Covers the states that the step set and those that its undo has changed in addition.
    bool is_restored = true;
    for (const StateVariable variable : after.changed()) {
        // An undefined value cannot be restored.
        const bool is_open = walk_.is_doubtful(variable, node) && walk_.partial.values_of(variable).empty();
        is_restored = compare(node, variable, before.at(variable), after.at(variable), is_open) && is_restored;
    }
    // What is not put back from the full effect is not from a part of it either: one cause, one finding.
    if (is_restored && has_steps) check_failures(node, before, reads);
    note_neighbours(node, reads);
}

// Reports an undo that cannot run, or of which that cannot be told.
bool UndoCheck::can_run_after(Index node, const AbstractRun& back, bool came_through) {
    if (came_through && !back.is_uncertain()) return true;
    walk_.verdict.complete = false;
    if (!came_through && back.obstacle().lacks_object) {
        (void)walk_.programs.own_undo_of(node);  // says what it lacks
        return false;
    }
    if (!is_new(node, can_run)) return false;
    if (!came_through) {
        auto reported = walk_.sink.report(undo_blocked, place_of_undo(node), diag::StepPath(facts_.path(node)),
                                          diag::Words(obstacle_text(facts_, back.obstacle())));
        reported.related(facts_.place(node), "the step");
        if (const base::Span required = requirement_of(back.obstacle()); !required.is_nowhere())
            reported.related(required, "this must hold first");
        return false;
    }
    auto reported = walk_.sink.report(undo_unknown, place_of_undo(node), facts_.path(node));
    reported.related(facts_.place(node), "the step");
    if (const auto raced = back.uncertainty().raced)
        reported.hint("two of its steps have no order, and one changes `" + variable_text(facts_, *raced) +
                      "`, which the other reads or changes too: let one wait for the other");
    else
        reported.related(back.uncertainty().condition, "this may hold then or not");
    return false;
}

// The same for a step that has failed. States that the undo does not read do not affect whether it can run; look_at()
// compares them after the full effect.
void UndoCheck::check_failures(Index node, const AbstractState& before, Reads& reads) {
    // A fixed point: an effect of the failure may lead the undo to other branches, which read other states. What it
    // reads grows with each round and is bounded by what the step sets, so the loop ends.
    Reads touched;
    for (std::size_t known = 0;; known = touched.size()) {
        for (const graph::SetFact& set : facts_.sets[node])
            if (reads.contains(set.variable)) touched.insert(set.variable);
        if (touched.size() == known) return;
        const auto effects = walk_.partial.of(node, before, touched);
        if (!effects) return report_failure(node, "it sets more states that its undo reads than are tried", {});
        for (const PartialEffects::Effect& effect : *effects)
            if (!undoes_failure(node, before, effect, reads)) return;
    }
}

// Runs the undo from one partial effect. `reads` gains what it read, for the rounds of check_failures().
bool UndoCheck::undoes_failure(Index node, const AbstractState& before, const PartialEffects::Effect& effect,
                               Reads& reads) {
    AbstractState left = state_at(node);
    for (const auto& [variable, value] : effect) left.set(variable, value);
    left.record_reads(reads);
    const graph::Rollback* const program = walk_.programs.undo_of(node);
    const Undone undone{.before = before, .on = facts_.on[node], .frame = frame_of(node)};
    AbstractRun back(facts_, *program, left, undone);
    // A half-done change may have left any value; a precondition on it is for the run to check.
    back.allow_undefined();
    const schedule::FactNames names(facts_);
    std::string with;
    for (const auto& [variable, value] : effect)
        with += (with.empty() ? "with `" : ", `") + variable_text(facts_, variable) + "` " +
                (value.is_unknown() ? "at any value" : "at " + program::to_text(value, names));
    if (!back.run()) {
        report_failure(node, with + ", " + obstacle_text(facts_, back.obstacle()), requirement_of(back.obstacle()));
        return false;
    }
    // Only the states that the failed step may have touched are compared: look_at() has compared all others.
    const auto is_back = [&](const auto& one) { return left.at(one.first) == before.at(one.first); };
    const auto wrong = std::find_if_not(effect.begin(), effect.end(), is_back);
    if (wrong == effect.end() && !back.is_uncertain()) return true;
    const StateVariable variable = wrong == effect.end() ? effect.front().first : wrong->first;
    report_failure(node, with + ", it may not put `" + variable_text(facts_, variable) + "` back", {});
    return false;
}

// Once for each action: its other steps would say the same.
void UndoCheck::report_failure(Index node, const std::string& why, base::Span required) {
    walk_.verdict.complete = false;
    if (!failures_said_.insert(facts_.action[node]).second) return;
    auto reported =
        walk_.sink.report(undo_of_failure, place_of_undo(node), diag::StepPath(facts_.path(node)), diag::Words(why));
    reported.related(facts_.place(node), "the step");
    if (!required.is_nowhere()) reported.related(required, "this must hold first");
    reported.hint("let what undoes it begin from any of these states: a rollback stops there, and asks a person");
}

// A writer of a state that the undo reads is ordered with the step, or else its own undo may run concurrently with this
// one. The writers of one state are ordered, so the neighbours of the step among them speak for all.
void UndoCheck::note_neighbours(Index node, const Reads& reads) {
    const auto own = facts_.sets[node];
    for (const StateVariable variable : reads) {
        if (std::any_of(own.begin(), own.end(), [&](const graph::SetFact& set) { return set.variable == variable; }))
            continue;
        const auto row = walk_.writers[variable];
        const auto next = std::upper_bound(row.begin(), row.end(), node);
        if (next != row.begin()) neighbours_.push_back({{*(next - 1), node}, node, variable});
        if (next != row.end()) neighbours_.push_back({{node, *next}, node, variable});
    }
}

void UndoCheck::check_concurrent() {
    std::vector<schedule::Pair> pairs;
    for (const Neighbours& one : neighbours_) pairs.push_back(one.order);
    // Asked for all steps in one call, which shares its sweeps.
    const std::vector<bool> ordered = schedule::reach(facts_, pairs);
    for (std::size_t k = 0; k < pairs.size(); ++k) {
        if (ordered[k]) continue;
        walk_.verdict.complete = false;
        const auto& [order, node, variable] = neighbours_[k];
        const Index other = order.before == node ? order.after : order.before;
        if (!is_new(node, can_run)) continue;
        walk_.sink.report(undo_unknown, place_of_undo(node), facts_.path(node))
            .related(facts_.place(node), "the step")
            .related(facts_.place(other), "may overlap with the step, and so may its undo")
            .hint("it reads `" + variable_text(facts_, variable) + "`, which `" + facts_.path(other) + "` sets");
    }
}

// Whether the state is put back; reports where it is not, or not surely.
bool UndoCheck::compare(Index node, StateVariable variable, const Value& before, const Value& after,
                        bool is_uncertain) {
    if (before == after && !is_uncertain) return true;
    walk_.verdict.complete = false;
    if (is_new(node, facts_.variable_attribute[variable] + 1))
        report_not_restored(node, variable, before, after, is_uncertain);
    return false;
}

void UndoCheck::report_not_restored(Index node, StateVariable variable, const Value& before, const Value& after,
                                    bool is_uncertain) {
    const std::string& state = facts_.state_names[facts_.variable_attribute[variable]];
    const diag::Place where = place_of_undo(node).because_of(state);
    if (is_uncertain || before.is_unknown() || after.is_unknown()) {
        auto reported = walk_.sink.report(restore_unknown, where, diag::StepPath(facts_.path(node)),
                                          diag::Name(variable_text(facts_, variable)));
        reported.related(facts_.place(node), "the step");
        hint_at_unknown(facts_, {&before, &after}, reported);
        if (const auto writer = walk_.uncertain_writers.of(variable, node))
            reported.hint("`" + facts_.path(*writer) +
                          "` before it may be abandoned halfway while this goes on, and be tried again after it");
        if (!walk_.partial.values_of(variable).empty() || !walk_.is_doubtful(variable, node))
            reported.hint("let the undo set it to `${before." + state + "}`");
        return;
    }
    const schedule::FactNames names(facts_);
    walk_.sink
        .report(not_restored, where, diag::StepPath(facts_.path(node)), diag::Name(variable_text(facts_, variable)))
        .label("leaves it " + program::to_text(after, names) + ", it was " + program::to_text(before, names))
        .related(facts_.place(node), "the step")
        .hint("let `undo` set it back, or write `undo: {impossible: why}`");
}

}  // namespace pvsplan::checks
