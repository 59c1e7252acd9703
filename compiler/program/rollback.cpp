#include "compiler/program/rollback.hpp"

#include <algorithm>
#include <map>

namespace pvsplan::program {
namespace {

using Renamed = std::map<std::string, std::string>;

// References to the outputs of steps of the same program follow their new names. Depth is bounded by the parser.
ExprPtr rename(const ExprPtr& expr, const Renamed& renamed) {
    if (!expr) return expr;
    auto copy = std::make_shared<Expr>(*expr);
    bool changed = false;
    if (expr->op == Expr::Op::output)
        if (const auto found = renamed.find(expr->step); found != renamed.end()) {
            copy->step = found->second;
            changed = true;
        }
    for (auto& arg : copy->args) {
        auto after = rename(arg, renamed);
        changed |= after != arg;
        arg = std::move(after);
    }
    return changed ? ExprPtr(copy) : expr;
}

// "remove" of "rest[pvs02].install:undo.remove": the prefix says whose undo or recover it is.
std::string inner_name(const std::string& path) {
    for (const std::string_view mark : {":undo.", ":recover."})
        if (const std::size_t at = path.find(mark); at != std::string::npos) return path.substr(at + mark.size());
    return path;
}

// Builds the graph in the order in which it will run.
class Builder {
  public:
    explicit Builder(const Known& known) : known_(known) {}

    [[nodiscard]] NodeId next() const { return NodeId(back_.graph.nodes.size()); }

    // Copies steps under a prefix; `entry` comes before all of them.
    void add(const Graph& steps, const std::vector<Guard>& guards, const std::string& prefix, NodeId entry,
             const Place& place) {
        const std::size_t base = back_.graph.nodes.size();
        const std::string only = steps.nodes.size() == 1 && prefix.starts_with("undo:") ? prefix : std::string();
        Renamed renamed;
        for (const auto& node : steps.nodes)
            renamed.emplace(node.id, only.empty() ? prefix + "." + inner_name(node.id) : only);
        const GuardId first = add_guards(guards, prefix, renamed);
        for (const auto& node : steps.nodes) back_.graph.nodes.push_back(copy(node, first, renamed, place));
        for (auto edge : steps.edges) {
            edge.from = NodeId(base + edge.from.index());
            edge.to = NodeId(base + edge.to.index());
            back_.graph.edges.push_back(edge);
        }
        if (!entry) return;
        for (std::size_t i = base; i < back_.graph.nodes.size(); ++i) connect(entry, NodeId(i), place);
    }

    void add(const Node& node, NodeId entry) {
        if (node.undo.type == Undo::Type::steps)
            add(node.undo.steps, node.undo.guards, "undo:" + node.id, entry, node.source);
    }

    void add(const RecoverSteps& recovery, const std::string& plan, NodeId entry) {
        add(recovery.steps, recovery.guards, "recover:" + (recovery.group.empty() ? plan : recovery.group), entry,
            recovery.source);
    }

    // A join keeps edges few: many steps before many others would need one for each pair.
    NodeId add_join(std::string id) {
        Node join;
        join.id = std::move(id);
        join.type = Node::Type::join;
        back_.graph.nodes.push_back(std::move(join));
        return NodeId(back_.graph.nodes.size() - 1);
    }

    void connect(NodeId from, NodeId to, const Place& place) {
        back_.graph.edges.push_back({from, to, Edge::Because::sequence, place});
    }

    void add(NoReturn no_return) { back_.no_return.push_back(std::move(no_return)); }

    void keep(std::vector<std::string> stays, std::vector<std::string> beyond) {
        back_.stays = std::move(stays);
        back_.beyond = std::move(beyond);
    }

    // Edges by target, as whoever reads a graph wants them.
    RollbackProgram finish() {
        std::sort(back_.graph.edges.begin(), back_.graph.edges.end(),
                  [](const auto& a, const auto& b) { return std::pair(a.to, a.from) < std::pair(b.to, b.from); });
        return std::move(back_);
    }

  private:
    // The number that the first of them has got.
    GuardId add_guards(const std::vector<Guard>& guards, const std::string& prefix, const Renamed& renamed) {
        const GuardId first(back_.guards.size());
        for (auto guard : guards) {
            if (guard.parent) guard.parent = GuardId(first.index() + guard.parent.index());
            guard.step = prefix + "." + inner_name(guard.step);
            guard.condition = rewrite(guard.condition, renamed);
            back_.guards.push_back(std::move(guard));
        }
        return first;
    }

    // Whatever the undo says of failures, a rollback halts: an operator has to look. It belongs to no iteration, so
    // that none abandons it.
    Node copy(const Node& from, GuardId first_guard, const Renamed& renamed, const Place& place) {
        Node node = from;
        node.id = renamed.at(from.id);
        if (node.guard) node.guard = GuardId(first_guard.index() + node.guard.index());
        for (auto& with : node.with) with = rewrite(with, renamed);
        for (auto& sets : node.sets) sets.value = rewrite(sets.value, renamed);
        node.on_failure = OnFailure::halt;
        node.instance = {};
        if (node.source == Place{}) node.source = place;
        return node;
    }

    ExprPtr rewrite(const ExprPtr& expr, const Renamed& renamed) { return specialise(rename(expr, renamed), known_); }

    const Known& known_;
    RollbackProgram back_;
};

// What is undone as one: a node, or all nodes that a `recover` covers.
struct Unit {
    std::uint64_t start = NodeHistory::never;
    std::uint64_t end = 0;
    std::uint64_t left = 0;
    NodeId node;  // none: it is a `recover`
    const RecoverSteps* recovery = nullptr;
    std::vector<NodeId> covered;  // that have an effect
};

// A covered node is undone as a part of its group, even if only one node of it had an effect: `recover` puts all of it
// back.
std::vector<Unit> units_of(const Plan& plan, const std::vector<NodeHistory>& histories) {
    std::vector<const RecoverSteps*> covered_by(histories.size(), nullptr);
    for (const auto& recovery : plan.recoveries)  // outer before inner: the first that covers a node keeps it
        for (const auto id : recovery.covers)
            if (covered_by.at(id.index()) == nullptr) covered_by[id.index()] = &recovery;
    std::vector<Unit> units;
    std::map<const RecoverSteps*, std::size_t> of_recovery;
    for (std::size_t i = 0; i < histories.size(); ++i) {
        if (plan.graph.nodes[i].type != Node::Type::action || !histories[i].has_effect) continue;
        std::size_t index = units.size();
        if (const auto* recovery = covered_by[i]) index = of_recovery.emplace(recovery, index).first->second;
        if (index == units.size())
            units.push_back({.node = covered_by[i] ? NodeId() : NodeId(i), .recovery = covered_by[i]});
        Unit& unit = units[index];
        unit.start = std::min(unit.start, histories[i].start);
        unit.end = std::max(unit.end, histories[i].end);
        unit.left = std::max(unit.left, histories[i].left);
        unit.covered.push_back(NodeId(i));
    }
    // The latest start first; among those that one record apart cannot tell, the later in the plan first.
    std::stable_sort(units.begin(), units.end(), [](const Unit& a, const Unit& b) { return a.start > b.start; });
    return units;
}

std::vector<std::string> paths_of(const Plan& plan, std::vector<NodeId> nodes) {
    std::sort(nodes.begin(), nodes.end());
    std::vector<std::string> paths;
    for (const auto id : nodes) paths.push_back(plan.graph.nodes[id.index()].id);
    return paths;
}

// Removes units that cannot be undone, and all units that ended before one of those started.
std::vector<NoReturn> stop_at_no_return(const Plan& plan, std::vector<Unit>& units) {
    std::vector<NoReturn> found;
    const auto node_of = [&](NodeId id) -> const Node& { return plan.graph.nodes[id.index()]; };
    const auto is_impossible = [&](const Unit& unit) {
        return unit.node && node_of(unit.node).undo.type == Undo::Type::impossible;
    };
    std::uint64_t wall = 0;  // units that ended before this record stay
    for (const auto& unit : units)
        if (is_impossible(unit)) wall = std::max(wall, unit.start);
    std::erase_if(units, [&](const Unit& unit) {
        if (!is_impossible(unit)) return false;
        found.push_back({.node = node_of(unit.node).id, .why = node_of(unit.node).undo.why});
        return true;
    });
    if (found.empty()) return found;
    std::vector<NodeId> stays;
    std::erase_if(units, [&](const Unit& unit) {
        if (unit.end >= wall) return false;
        stays.insert(stays.end(), unit.covered.begin(), unit.covered.end());
        return true;
    });
    found.front().stays = paths_of(plan, std::move(stays));
    return found;
}

// Removes units that ended before that record, and returns them. What has to be undone before another unit is undone
// goes with it, whenever it ended: a unit that was tried again may have ended late, and others came after its first
// end.
std::vector<Unit> stop_at(std::uint64_t back_to, std::vector<Unit>& units) {
    std::uint64_t reach = back_to;  // what started after it is undone
    const auto is_undone = [&](const Unit& unit) { return unit.end >= back_to || unit.start > reach; };
    for (std::uint64_t before = 0; before != reach;) {
        before = reach;
        for (const Unit& unit : units)
            if (is_undone(unit)) reach = std::min(reach, unit.left);
    }
    const auto stays = std::stable_partition(units.begin(), units.end(), is_undone);
    std::vector<Unit> kept(std::make_move_iterator(stays), std::make_move_iterator(units.end()));
    units.erase(stays, units.end());
    return kept;
}

}  // namespace

// The order "a ended before b started" is an interval order, so it needs no edge for every pair. Units are sorted by
// falling start, with a chain of joins between them: a unit follows the join behind the last unit that started after
// its own end, and comes before the next join. Edges are linear in the units.
RollbackProgram rollback_of(const Plan& plan, const std::vector<NodeHistory>& histories, const Known& known,
                            std::uint64_t back_to) {
    auto units = units_of(plan, histories);
    Builder builder(known);
    std::vector<NodeId> stays;
    std::vector<NodeId> beyond;
    for (const Unit& unit : stop_at(back_to, units))
        stays.insert(stays.end(), unit.covered.begin(), unit.covered.end());
    for (const Unit& unit : units)
        if (unit.recovery)
            std::copy_if(unit.covered.begin(), unit.covered.end(), std::back_inserter(beyond),
                         [&](NodeId id) { return histories[id.index()].end < back_to; });
    builder.keep(paths_of(plan, std::move(stays)), paths_of(plan, std::move(beyond)));
    for (NoReturn& one : stop_at_no_return(plan, units)) builder.add(std::move(one));
    std::vector<NodeId> joins;  // joins[i]: after units[0 … i] are undone
    for (std::size_t i = 0; i < units.size(); ++i) {
        // The number of units (a prefix) that started after this one first ended. Later tries do not count: its undo
        // restores the states from before its first start.
        const auto after = std::partition_point(units.begin(), units.begin() + static_cast<std::ptrdiff_t>(i),
                                                [&](const Unit& other) { return other.start > units[i].left; });
        const auto count = static_cast<std::size_t>(after - units.begin());
        const NodeId entry = count == 0 ? NodeId() : joins[count - 1];
        const NodeId first = builder.next();
        if (units[i].recovery)
            builder.add(*units[i].recovery, plan.name, entry);
        else
            builder.add(plan.graph.nodes[units[i].node.index()], entry);
        const NodeId last = builder.next();
        joins.push_back(builder.add_join("undone:" + std::to_string(i + 1)));
        if (i > 0) builder.connect(joins[i - 1], joins[i], {});
        for (std::size_t n = first.index(); n < last.index(); ++n) builder.connect(NodeId(n), joins[i], {});
    }
    return builder.finish();
}

RollbackProgram rollback_of(const Node& node, const Known& known) {
    Builder builder(known);
    builder.add(node, {});
    return builder.finish();
}

RollbackProgram rollback_of(const RecoverSteps& recovery, const std::string& plan, const Known& known) {
    Builder builder(known);
    builder.add(recovery, plan, {});
    return builder.finish();
}

}  // namespace pvsplan::program
