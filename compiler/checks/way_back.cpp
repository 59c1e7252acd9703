#include "compiler/checks/way_back.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/checks/on_paper.hpp"
#include "compiler/checks/way_back_codes.hpp"
#include "compiler/expand/expand.hpp"
#include "compiler/graph/order.hpp"

namespace pvsplan::checks {
namespace {

using expand::Expansion;
using graph::Facts;
using graph::Index;
using graph::Slot;
using program::Value;

class WayBackCheck {
  public:
    WayBackCheck(const Ground& ground, diag::Sink& sink)
        : model_(ground.model), expansion_(ground.expansion), node_of_(ground.node_of), facts_(ground.facts), sink_(sink) {
        for (const graph::ValueIndex v : facts_.initial) state_.push_back(facts_.values[v]);
        index_of_.resize(node_of_.size());
        for (Index i = 0; i < node_of_.size(); ++i) index_of_[node_of_[i]] = i;
        covered_.assign(node_of_.size(), false);
        for (const expand::Recovery& recovery : expansion_.recoveries) {
            const std::vector<Index> group = group_of(recovery);
            for (const Index i : group) covered_[i] = true;
            if (!group.empty()) starts_.emplace(group.front(), &recovery);
        }
    }

    WayBack run() {
        for (const expand::Recovery& recovery : expansion_.recoveries) check_text(recovery);
        for (Index i = 0; i < facts_.size(); ++i) {
            const auto [begin, end] = starts_.equal_range(i);
            for (auto at = begin; at != end; ++at) check_recovery(*at->second);
            if (expansion_.nodes[node_of_[i]].is == program::Node::Is::action) {
                ++report_.points;
                if (!covered_[i]) check_undo(i);
            }
            apply(i, state_);
        }
        return std::move(report_);
    }

  private:
    [[nodiscard]] const resolve::Step& step(Index i) const { return *expansion_.scopes[expansion_.nodes[node_of_[i]].scope].step; }
    [[nodiscard]] const resolve::Action& action(Index i) const { return model_.actions[step(i).action.index()]; }
    [[nodiscard]] std::string slot_text(Slot slot) const {
        return facts_.object_name(facts_.slot_object[slot]) + "." + facts_.state_names[facts_.slot_attribute[slot]];
    }
    // The nodes that a recovery covers, ascending.
    [[nodiscard]] std::vector<Index> group_of(const expand::Recovery& recovery) const {
        std::vector<Index> group;
        for (std::uint32_t node = recovery.first_node; node < recovery.end_node; ++node) group.push_back(index_of_[node]);
        std::sort(group.begin(), group.end());
        return group;
    }

    // A guarded node may not have run: its states are then one of two, which nobody knows here.
    void apply(Index i, std::vector<Value>& state) const {
        for (const graph::SetFact& set : facts_.sets[i]) {
            const Value& value = facts_.values[set.value];
            if (facts_.guard[i] == graph::no_guard || state[set.slot] == value) state[set.slot] = value;
            else state[set.slot] = Value::unknown((1U << 30U) + set.slot);
        }
    }

    [[nodiscard]] std::vector<Value> frame(Index i) const {
        std::vector<Value> slots(std::max<std::size_t>(action(i).slots, action(i).parameters.size() + 1));
        if (facts_.on[i]) slots[0] = Value::object(facts_.on[i]);
        const auto arguments = facts_.frames[facts_.frame[i]];
        std::copy(arguments.begin(), arguments.end(), slots.begin() + 1);
        return slots;
    }

    void check_undo(Index i) {
        const resolve::Action& undone = action(i);
        if (undone.undo.is == program::Undo::Is::impossible) return no_return(i, undone.undo.why);
        if (undone.undo.is == program::Undo::Is::steps && texts_.insert(&undone).second) check_text(i);
        if (undone.undo.is == program::Undo::Is::nothing && facts_.sets[i].empty()) return;
        const PaperState before(facts_, state_);
        PaperState after(facts_, state_);
        for (const graph::SetFact& set : facts_.sets[i]) after.set(set.slot, facts_.values[set.value]);
        PaperRun back(model_, expansion_, facts_, after, before, facts_.on[i], nullptr);
        if (undone.undo.is == program::Undo::Is::steps && !back.run(undone.undo.steps, frame(i), {})) {
            report_.complete = false;
            if (reported_.insert({&undone, 0}).second)
                sink_.report(undo_blocked, undone.undo.span, facts_.path(i), obstacle_text(back.obstacle()))
                    .related(facts_.place(i), "the step").related(back.obstacle().requires_span, "this must hold first");
            return;
        }
        for (const graph::SetFact& set : facts_.sets[i]) compare(i, set.slot, before.at(set.slot), after.at(set.slot), back.is_uncertain());
    }

    void compare(Index i, Slot slot, const Value& before, const Value& after, bool is_uncertain) {
        const resolve::Action& undone = action(i);
        if (before == after && !is_uncertain) return;
        report_.complete = false;
        if (!reported_.insert({&undone, facts_.slot_attribute[slot] + 1}).second) return;
        const base::Span where = undone.undo.span.is_nowhere() ? undone.span : undone.undo.span;
        const expand::FarmNames names(model_);
        if (is_uncertain || before.is_unknown() || after.is_unknown()) {
            auto reported = sink_.report(restore_unknown, where, facts_.path(i), slot_text(slot));
            reported.related(facts_.place(i), "the step");
            for (const Value* value : {&before, &after})
                if (value->is_unknown() && value->as_unknown()->id < (1U << 30U))
                    reported.hint("it depends on " + facts_.unknown_text(value->as_unknown()->id));
            reported.hint("let the undo set it to `${before." + facts_.state_names[facts_.slot_attribute[slot]] + "}`");
            return;
        }
        sink_.report(not_restored, where, facts_.path(i), slot_text(slot))
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
        WayBack::NoReturn point{.node = i, .why = why};
        std::vector<bool> seen(i + 1, false);
        std::vector<Index> open = {i};
        while (!open.empty()) {
            const Index at = open.back();
            open.pop_back();
            for (const Index before : facts_.predecessors[at])
                if (!seen[before]) seen[before] = true, open.push_back(before);
        }
        for (Index before = 0; before < i; ++before)
            if (seen[before] && expansion_.nodes[node_of_[before]].is == program::Node::Is::action && !facts_.sets[before].empty())
                point.stranded.push_back(before);
        report_.no_return.push_back(std::move(point));
    }

    // The steps of the way back themselves: that they expand, and have an order without races is for their own graph.
    void check_text(Index i) {
        Expansion undo = expand::expand_undo(model_, expansion_, expansion_.nodes[node_of_[i]], facts_.path(i), sink_);
        (void)graph::order(undo, [&](std::uint32_t n) { return undo.path(n, model_); }, sink_);
    }
    void check_text(const expand::Recovery& recovery) {
        Expansion steps = expand::expand_recovery(model_, expansion_, recovery, sink_);
        (void)graph::order(steps, [&](std::uint32_t n) { return steps.path(n, model_); }, sink_);
    }

    // ---- recover ------------------------------------------------------------------------------------------------

    // A point of failure: which nodes of the group have run, and which one failed.
    struct Point {
        std::vector<bool> done;  // by position in the group
        std::size_t failed = 0;
    };

    // Looking at a point costs as much as the group is large; a huge group is looked at in this many places only, and
    // then is not called complete.
    static constexpr std::size_t most_failures = 2'000;

    void check_recovery(const expand::Recovery& recovery) {
        const std::vector<Index> group = group_of(recovery);
        const std::size_t stride = std::max<std::size_t>(1, group.size() / most_failures);
        if (stride > 1) report_.complete = false;
        std::vector<std::string> paths;
        for (const Index i : group)
            paths.push_back(expansion_.nodes[node_of_[i]].is == program::Node::Is::join ? std::string() : facts_.path(i));
        std::set<std::pair<int, std::uint32_t>> said;
        for (std::size_t f = 0; f < group.size() && said.empty(); f += stride) {
            if (expansion_.nodes[node_of_[group[f]]].is != program::Node::Is::action) continue;
            const std::size_t parts = std::min<std::size_t>(facts_.sets[group[f]].size(), 3);
            for (const Point& point : points_of(group, f))
                for (std::uint32_t there = 0; there < (1U << parts) && said.empty(); ++there)
                    recover_from(recovery, group, paths, point, there, said);
        }
    }

    // With everything before it, as in the order of the source; with as little as possible; with as much as possible.
    [[nodiscard]] std::vector<Point> points_of(const std::vector<Index>& group, std::size_t failed) const {
        const auto position = [&](Index node) {
            const auto found = std::lower_bound(group.begin(), group.end(), node);
            return found != group.end() && *found == node ? static_cast<std::size_t>(found - group.begin()) : group.size();
        };
        Point first{std::vector<bool>(group.size(), false), failed};
        Point least = first;
        Point most{std::vector<bool>(group.size(), true), failed};
        for (std::size_t k = 0; k < failed; ++k) first.done[k] = true;
        std::vector<std::size_t> open = {failed};
        while (!open.empty()) {
            const std::size_t at = open.back();
            open.pop_back();
            for (const Index before : facts_.predecessors[group[at]])
                if (const std::size_t p = position(before); p < group.size() && !least.done[p]) least.done[p] = true, open.push_back(p);
        }
        open = {failed};
        most.done[failed] = false;
        while (!open.empty()) {
            const std::size_t at = open.back();
            open.pop_back();
            for (const Index after : facts_.successors[group[at]])
                if (const std::size_t p = position(after); p < group.size() && most.done[p]) most.done[p] = false, open.push_back(p);
        }
        std::vector<Point> points = {first};
        if (least.done != first.done) points.push_back(std::move(least));
        if (most.done != first.done) points.push_back(std::move(most));
        return points;
    }

    void recover_from(const expand::Recovery& recovery, const std::vector<Index>& group, const std::vector<std::string>& paths,
                      const Point& point, std::uint32_t there, std::set<std::pair<int, std::uint32_t>>& said) {
        ++report_.points;
        const PaperState before(facts_, state_);
        PaperState state(facts_, state_);
        std::set<Slot> touched;
        for (std::size_t k = 0; k < group.size(); ++k) {
            const auto sets = facts_.sets[group[k]];
            for (std::size_t s = 0; s < sets.size(); ++s) {
                const bool is_there = point.done[k] || (k == point.failed && (there >> std::min<std::size_t>(s, 2) & 1U) != 0);
                if (point.done[k] || k == point.failed) touched.insert(sets[s].slot);
                if (is_there) state.set(sets[s].slot, facts_.values[sets[s].value]);
            }
        }
        const auto all = [&](const std::string& path, auto&& holds, bool every) {
            bool any = false;
            for (std::size_t k = 0; k < group.size(); ++k) {
                if (!is_in(paths[k], path)) continue;
                any = any || holds(k);
                if (every && !holds(k)) return false;
            }
            return every || any;
        };
        const Outcome outcome{
            .done = [&](const std::string& p) { return all(p, [&](std::size_t k) { return static_cast<bool>(point.done[k]); }, true); },
            .started = [&](const std::string& p) { return all(p, [&](std::size_t k) { return point.done[k] || k == point.failed; }, false); },
            .failed = [&](const std::string& p) { return all(p, [&](std::size_t k) { return k == point.failed; }, false); }};
        PaperRun back(model_, expansion_, facts_, state, before, {}, &outcome);
        const std::string group_path = expansion_.path_of_scope(recovery.scope, model_);
        const std::string who = group_path.empty() ? "the plan" : "`" + group_path + "`";
        const std::string& failed_path = paths[point.failed];
        if (!back.run(*recovery.block, recovery.slots, recovery.siblings)) {
            report_.complete = false;
            if (said.insert({1, 0}).second)
                sink_.report(recover_blocked, back.obstacle().step->head, who, failed_path, obstacle_text(back.obstacle()))
                    .related(facts_.place(group[point.failed]), "the step that failed")
                    .related(back.obstacle().requires_span, "this must hold first")
                    .hint("a `when` lets a step of `recover` run only where it can");
            return;
        }
        for (const Slot slot : touched) {
            const Value& was = before.at(slot);
            const Value& is = state.at(slot);
            if (was == is && !back.is_uncertain()) continue;
            report_.complete = false;
            const std::string what = slot_text(slot);
            if (was.is_unknown() || is.is_unknown() || back.is_uncertain()) {
                if (!unknown_said_.insert(what + who).second) continue;
                auto reported = sink_.report(recover_unknown, recovery.span, who, what);
                for (const Value* value : {&was, &is})
                    if (value->is_unknown() && value->as_unknown()->id < (1U << 30U))
                        reported.hint("it depends on " + facts_.unknown_text(value->as_unknown()->id));
            } else if (said.insert({2, facts_.slot_attribute[slot]}).second) {
                const expand::FarmNames names(model_);
                sink_.report(recover_leaves, recovery.span, who, what, failed_path)
                    .label("leaves it " + program::to_text(is, names) + ", it was " + program::to_text(was, names))
                    .related(facts_.place(group[point.failed]), "the step that failed");
            }
        }
    }

    static bool is_in(const std::string& path, const std::string& group) {
        if (path.empty() || !path.starts_with(group)) return false;
        return path.size() == group.size() || path[group.size()] == '.' || path[group.size()] == '[' || path[group.size()] == ':';
    }

    const resolve::Model& model_;
    Expansion& expansion_;
    const std::vector<std::uint32_t>& node_of_;
    const Facts& facts_;
    diag::Sink& sink_;
    WayBack report_;
    std::vector<Value> state_;       // by slot, before the node that is looked at
    std::vector<bool> covered_;
    std::vector<Index> index_of_;    // by node of the expansion
    std::multimap<Index, const expand::Recovery*> starts_;  // by first node
    std::set<const resolve::Action*> texts_;
    std::set<std::pair<const resolve::Action*, std::uint32_t>> reported_;
    std::set<std::string> unknown_said_;
};

}  // namespace

WayBack check_way_back(const Ground& ground, diag::Sink& sink) { return WayBackCheck(ground, sink).run(); }

}  // namespace pvsplan::checks
