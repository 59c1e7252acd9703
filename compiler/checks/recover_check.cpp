#include "compiler/checks/recover_check.hpp"

#include <algorithm>

#include "compiler/checks/rollback_codes.hpp"
#include "compiler/schedule/fact_names.hpp"
#include "compiler/schedule/state_variables.hpp"

namespace pvsplan::checks {

using graph::Index;
using graph::StateVariable;
using program::Value;
using schedule::variable_text;

struct RecoverCheck::Group {
    std::size_t recovery;
    std::string path;                // empty: the plan
    std::string name;                // for people
    std::vector<Index> nodes;        // ascending
    std::vector<std::string> paths;  // by position; empty for a join
    std::vector<Part> parts;
    std::vector<std::uint32_t> others;
    bool carries_on = false;
    const graph::Rollback* program = nullptr;
    std::set<StateVariable> reads;
    const FailurePoint* point = nullptr;  // that is looked at
    std::optional<StateVariable> raced;
    std::string unsure;  // an output that is read, and may not be there
    std::set<std::pair<int, std::uint32_t>> said;
    // Nodes outside of the group that come before all of it, and after all of it; when asked for.
    std::optional<std::vector<Index>> before;
    std::optional<std::vector<Index>> after;

    [[nodiscard]] bool has(Index node) const { return std::binary_search(nodes.begin(), nodes.end(), node); }
};

// What a rollback from one failure point has left.
struct RecoverCheck::Left {
    const AbstractState& before;
    const AbstractState& state;
    std::string when;  // "`a.b` failed"
    Index last;        // the step to point at
    const char* which;
    bool has_undefined;
    bool is_uncertain;
};

namespace {

// The nodes outside of the group from which a path leads to every node of it, or, along the other direction, to which
// one leads from every node of it; ascending.
std::vector<Index> related_to_all(const std::vector<Index>& group, const graph::Rows<Index>& next) {
    // `group` ascends.
    const auto in_group = [&](Index i) { return std::binary_search(group.begin(), group.end(), i); };
    std::vector<std::uint32_t> seen(next.size(), 0);
    std::uint32_t ends = 0;
    for (const Index end : group) {
        // Only the ends of the group are searched from: a node that leads to an end leads to whatever is before it.
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
    std::vector<Index> related;
    for (Index i = 0; i < seen.size(); ++i)
        if (seen[i] == ends && !in_group(i)) related.push_back(i);
    return related;
}

// As the runtime says which nodes a step has.
bool is_within(const std::string& node, const std::string& step) {
    if (node.empty() || !node.starts_with(step)) return false;
    if (step.empty() || node.size() == step.size()) return true;
    const char next = node[step.size()];
    return next == '.' || next == '[' || next == ':';
}

// The answer of the runtime for nodes that stand so: a skipped step blocks nothing, and counts as not done.
std::optional<bool> answer(const std::vector<std::optional<Stand>>& stands, Stand asked) {
    const auto any = [&](Stand stand) { return std::find(stands.begin(), stands.end(), stand) != stands.end(); };
    // A stand without a value may be anything, so that only what is found elsewhere decides.
    const bool is_sure = std::find(stands.begin(), stands.end(), std::nullopt) == stands.end();
    const auto unless_known = [&](bool found) { return found || is_sure ? std::optional(found) : std::nullopt; };
    switch (asked) {
        case Stand::failed: return unless_known(any(Stand::failed));
        case Stand::not_started: return unless_known(any(Stand::done) || any(Stand::failed));  // started
        case Stand::done:
        case Stand::skipped: break;
    }
    if (any(Stand::not_started) || any(Stand::failed)) return false;
    return is_sure ? std::optional(any(Stand::done)) : std::nullopt;
}

}  // namespace

std::size_t RecoverCheck::max_points(std::size_t nodes) const {
    static constexpr std::size_t limit = 20'000;
    return std::min(work_left_ / std::max<std::size_t>(nodes, 1), limit);
}

RecoverCheck::Group RecoverCheck::group_of(std::size_t recovery) const {
    Group group{
        .recovery = recovery, .path = walk_.programs.group(recovery), .nodes = walk_.programs.covered_by(recovery)};
    group.name = group.path.empty() ? "the plan" : "`" + group.path + "`";
    for (const Index node : group.nodes) {
        group.parts.push_back(facts_.is_action[node]     ? Part::action
                              : facts_.is_approval[node] ? Part::approval
                                                         : Part::join);
        group.paths.push_back(group.parts.back() == Part::join ? std::string() : facts_.path(node));
        std::uint32_t& others = group.others.emplace_back(0);
        for (const graph::SetFact& set : facts_.sets[node])
            others = std::max(others, static_cast<std::uint32_t>(walk_.partial.others_than(set).size()));
        // An iteration may be abandoned while the group goes on: such points are not tried.
        group.carries_on = group.carries_on || facts_.instance[node] != graph::no_index;
    }
    return group;
}

// Ends at the first point that finds something: a second one has mostly the same cause. Whatever was left out makes the
// verdict incomplete, and is told with its reason.
void RecoverCheck::look_at(std::size_t recovery) {
    Group group = group_of(recovery);
    group.program = walk_.programs.recovery(recovery);
    if (!group.program) {
        walk_.verdict.complete = false;
        return;
    }
    const std::size_t max_tried = max_points(group.nodes.size());
    if (max_tried == 0)
        return not_all(group, "the other groups have more points at which they can fail than are tried");
    const Seen seen = for_each_failure_point({facts_, group.nodes, group.parts, group.others}, max_tried,
                                             [&](const FailurePoint& point) {
                                                 work_left_ -= std::min(work_left_, group.nodes.size());
                                                 recover_from(group, point);
                                                 return group.said.empty();
                                             });
    if (seen == Seen::stopped) return;
    check_concurrent(group);
    if (group.raced)
        not_all(group, "two of its steps have no order, and one changes `" + variable_text(facts_, *group.raced) +
                           "`, which the other reads or changes too");
    if (!group.unsure.empty()) not_all(group, "it reads `" + group.unsure + "`, which may not be there");
    if (seen == Seen::too_many)
        not_all(group, "there are more than " + std::to_string(max_tried) + " points at which it can fail");
    if (group.carries_on) not_all(group, "a loop in it carries on after a failure");
}

void RecoverCheck::not_all(const Group& group, const std::string& why) {
    walk_.verdict.complete = false;
    walk_.sink
        .report(recover_not_all, walk_.programs.finding_in(group.recovery, walk_.programs.place(group.recovery)),
                diag::Owner(group.name), diag::Words(why))
        .hint("give smaller groups a `recover` of their own, or leave it to the `undo` of each step");
}

// Whether it is not known what the state variable is when the group begins: a concurrent writer outside of the group
// may have written by then or not.
bool RecoverCheck::is_doubtful(const Group& group, StateVariable variable) const {
    if (walk_.is_doubtful(variable, group.nodes.front())) return true;
    const auto writers = walk_.writers[variable];
    const auto changes = [&](const graph::SetFact& set) {
        return set.variable == variable && !(walk_.state[variable] == facts_.values[set.value]);
    };
    for (auto at = std::lower_bound(writers.begin(), writers.end(), group.nodes.front());
         at != writers.end() && *at < group.nodes.back(); ++at)
        if (const auto sets = facts_.sets[*at]; !group.has(*at) && std::any_of(sets.begin(), sets.end(), changes))
            return true;
    return false;
}

// The state when the group begins.
AbstractState RecoverCheck::state_around(const Group& group) const {
    AbstractState state(walk_.state);
    state.doubt([this, &group](StateVariable variable) { return is_doubtful(group, variable); });
    return state;
}

// Completes the check: no node concurrent with the group may change a state that the rollback reads.
void RecoverCheck::check_concurrent(Group& group) {
    std::vector<Index> concurrent;
    for (const StateVariable variable : group.reads)
        for (const Index writer : walk_.writers[variable])
            if (!group.has(writer)) concurrent.push_back(writer);
    if (concurrent.empty()) return;
    if (!group.before) group.before = related_to_all(group.nodes, facts_.predecessors);
    if (!group.after) group.after = related_to_all(group.nodes, facts_.successors);
    for (const Index writer : concurrent)
        if (!std::binary_search(group.before->begin(), group.before->end(), writer) &&
            !std::binary_search(group.after->begin(), group.after->end(), writer))
            return not_all(group, "`" + facts_.path(writer) + "` may overlap with it and change what it reads");
}

// Sorted by path, so that the steps within a group are neighbours; made when a program first asks about a step.
const std::vector<std::pair<std::string, Index>>& RecoverCheck::paths() {
    if (!paths_.empty()) return paths_;
    for (Index i = 0; i < facts_.size(); ++i)
        if (facts_.is_action[i] || facts_.is_approval[i]) paths_.emplace_back(facts_.path(i), i);
    std::sort(paths_.begin(), paths_.end());
    return paths_;
}

// What the runtime will answer of a step at the present point; `stand` is what is asked (not_started: whether it has
// started). The steps outside of the group have an answer if all that may happen gives the same.
std::optional<bool> RecoverCheck::outcome(Group& group, const std::string& path, Stand stand) {
    std::vector<std::optional<Stand>> stands;
    for (std::size_t k = 0; k < group.nodes.size(); ++k)
        if (is_within(group.paths[k], path)) stands.emplace_back(group.point->stands[k]);
    if (is_within(path, group.path)) return answer(stands, stand);
    const auto& all = paths();
    for (auto at = std::lower_bound(all.begin(), all.end(), std::pair(path, Index{0}));
         at != all.end() && at->first.starts_with(path); ++at) {
        if (!is_within(at->first, path) || group.has(at->second)) continue;
        if (!group.before) group.before = related_to_all(group.nodes, facts_.predecessors);
        if (!group.after) group.after = related_to_all(group.nodes, facts_.successors);
        const Index node = at->second;
        const bool is_sure = facts_.guard[node] == graph::no_guard && facts_.instance[node] == graph::no_index;
        if (is_sure && std::binary_search(group.before->begin(), group.before->end(), node))
            stands.emplace_back(Stand::done);
        else if (std::binary_search(group.after->begin(), group.after->end(), node))
            stands.emplace_back(Stand::not_started);
        else
            stands.emplace_back(std::nullopt);
    }
    return answer(stands, stand);
}

// What the runtime will find of an output at the present point. A step outside of the group under conditions that
// something in it ran under as well has run; under others nobody knows.
Output RecoverCheck::output(Group& group, const std::string& path) {
    const auto at = std::find(group.paths.begin(), group.paths.end(), path);
    if (at != group.paths.end()) {
        const Stand stand = group.point->stands[static_cast<std::size_t>(at - group.paths.begin())];
        return stand == Stand::done ? Output::there : stand == Stand::skipped ? Output::none : Output::missing;
    }
    const auto& all = paths();
    const auto step = std::lower_bound(all.begin(), all.end(), std::pair(path, Index{0}));
    if (step == all.end() || step->first != path) return Output::missing;  // it was skipped before the run
    if (!group.before) group.before = related_to_all(group.nodes, facts_.predecessors);
    if (!group.after) group.after = related_to_all(group.nodes, facts_.successors);
    if (std::binary_search(group.after->begin(), group.after->end(), step->second)) return Output::missing;
    if (!std::binary_search(group.before->begin(), group.before->end(), step->second)) return Output::unsure;
    if (facts_.instance[step->second] != graph::no_index) return Output::unsure;
    std::set<std::pair<std::uint32_t, bool>> hold;
    for (std::size_t k = 0; k < group.nodes.size(); ++k)
        if (group.point->stands[k] == Stand::done || group.point->stands[k] == Stand::failed)
            for (auto g = facts_.guard[group.nodes[k]]; g != graph::no_guard; g = facts_.guards[g].parent)
                hold.emplace(facts_.guards[g].variable, facts_.guards[g].value);
    for (auto g = facts_.guard[step->second]; g != graph::no_guard; g = facts_.guards[g].parent)
        if (!hold.contains({facts_.guards[g].variable, facts_.guards[g].value})) return Output::unsure;
    return Output::there;
}

// In the order of the nodes, so that of two that set a state the later one counts.
bool RecoverCheck::put_effects(const Group& group, const FailurePoint& point, AbstractState& state) const {
    bool has_undefined = false;
    for (std::size_t k = 0; k < group.nodes.size(); ++k) {
        const Stand stand = point.stands[k];
        if (stand != Stand::done && stand != Stand::failed) continue;
        const auto sets = facts_.sets[group.nodes[k]];
        const std::uint32_t parts = 1U << sets.size();
        for (std::size_t s = 0; s < sets.size(); ++s)
            if (stand == Stand::failed && point.there[k] >= parts) {
                const std::vector<Value> others = walk_.partial.others_than(sets[s]);
                if (others.empty()) continue;
                state.set(sets[s].variable, others[(point.there[k] - parts) % others.size()]);
                has_undefined = has_undefined || others[0].is_unknown();
            } else if (stand == Stand::done || (point.there[k] >> s & 1U) != 0) {
                state.set(sets[s].variable, facts_.values[sets[s].value]);
            }
    }
    return has_undefined;
}

// The program runs on the state that this point leaves. A race between two of its steps ends the look at the point: the
// result is one of several, and which is not worth telling.
void RecoverCheck::recover_from(Group& group, const FailurePoint& point) {
    ++walk_.verdict.points;
    group.point = &point;
    const AbstractState before = state_around(group);
    AbstractState state = state_around(group);
    state.record_reads(group.reads);
    const bool has_undefined = put_effects(group, point, state);
    std::size_t last = 0;  // the step to point at: a failed one, else the last done one
    for (std::size_t k = 0; k < group.nodes.size(); ++k)
        if (!group.paths[k].empty() && (point.stands[k] == Stand::failed ||
                                        (point.stands[k] == Stand::done && point.stands[last] != Stand::failed)))
            last = k;
    const StepEnds ends{.done = [&](const std::string& path) { return outcome(group, path, Stand::done); },
                        .started = [&](const std::string& path) { return outcome(group, path, Stand::not_started); },
                        .failed = [&](const std::string& path) { return outcome(group, path, Stand::failed); },
                        .output = [&](const std::string& path) { return output(group, path); }};
    const Undone undone{.before = before, .ends = &ends};
    AbstractRun back(facts_, *group.program, state, undone);
    if (has_undefined) back.allow_undefined();
    const bool is_failure = point.stands[last] == Stand::failed;
    const Left left{.before = before,
                    .state = state,
                    .when = "`" + group.paths[last] + (is_failure ? "` failed" : "` was done"),
                    .last = group.nodes[last],
                    .which = is_failure ? "the step that failed" : "the step that was done last",
                    .has_undefined = has_undefined,
                    .is_uncertain = false};
    if (!back.run()) {
        walk_.verdict.complete = false;
        const Obstacle& obstacle = back.obstacle();
        if (!group.said.insert({1, 0}).second) return;
        auto reported = walk_.sink.report(
            recover_blocked, walk_.programs.finding_in(group.recovery, group.program->places[obstacle.node]),
            diag::Owner(group.name), diag::When(left.when), diag::Words(obstacle_text(facts_, obstacle)));
        reported.related(facts_.place(left.last), left.which);
        if (const base::Span required = requirement_of(obstacle); !required.is_nowhere())
            reported.related(required, "this must hold first");
        reported.hint("a `when` lets a step of `recover` run only where it can");
        return;
    }
    if (back.is_uncertain() && back.uncertainty().raced) {
        group.raced = back.uncertainty().raced;
        return;
    }
    if (back.is_uncertain() && !back.uncertainty().output.empty()) {
        group.unsure = back.uncertainty().output;
        return;
    }
    Left all = left;
    all.is_uncertain = back.is_uncertain();
    compare(group, all);
}

// Covers the states that the group set and those that its rollback has changed in addition.
void RecoverCheck::compare(Group& group, const Left& left) {
    const base::Span whole = walk_.programs.place(group.recovery);
    const schedule::FactNames names(facts_);
    for (const StateVariable variable : left.state.changed()) {
        const Value& was = left.before.at(variable);
        const Value& is = left.state.at(variable);
        if (was == is && !left.is_uncertain) continue;
        walk_.verdict.complete = false;
        const std::string what = variable_text(facts_, variable);
        const bool is_undefined = is == any_value(variable) && !left.is_uncertain;
        const bool is_unknown = was.is_unknown() || is.is_unknown() || left.is_uncertain;
        if (!is_undefined && is_unknown) {
            if (!unknown_said_.insert(what + group.name).second) continue;
            diag::Place place = walk_.programs.finding_in(group.recovery, whole);
            place.instance = what;
            auto reported = walk_.sink.report(recover_unknown, place, diag::Owner(group.name), diag::Name(what));
            hint_at_unknown(facts_, {&was, &is}, reported);
            if (left.has_undefined && left.is_uncertain)
                reported.hint(
                    "a `when` reads what a step that failed on its way may have left neither as it was nor as it "
                    "should be; `when: started(STEP)` asks for nothing of it");
            continue;
        }
        if (!group.said.insert({2, facts_.variable_attribute[variable]}).second) continue;
        const std::string label =
            is_undefined ? "leaves it as the step that failed has left it, whatever that is"
                         : "leaves it " + program::to_text(is, names) + ", it was " + program::to_text(was, names);
        walk_.sink
            .report(recover_leaves, walk_.programs.finding_in(group.recovery, whole), diag::Owner(group.name),
                    diag::Name(what), diag::When(left.when))
            .label(label)
            .related(facts_.place(left.last), left.which);
    }
}

}  // namespace pvsplan::checks
