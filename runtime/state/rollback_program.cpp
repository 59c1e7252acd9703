#include "runtime/state/rollback_program.hpp"

#include <algorithm>
#include <limits>

#include "compiler/base/check.hpp"
#include "runtime/state/env.hpp"

namespace pvsplan::state {

using program::Expr;
using program::ExprPtr;
using program::Node;
using program::NodeId;

namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

// What is undone as one: a node, or all nodes that a `recover` covers. Numbers are those of records.
struct Unit {
    std::uint64_t start = never;
    std::uint64_t end = 0;
    std::uint64_t left = 0;  // the first end, if it was tried again later: successors started after that
    NodeId node;             // none: it is a `recover`
    const program::RecoverSteps* recovery = nullptr;
    std::vector<NodeId> covered;  // that began
};

// Builds the graph in the order in which it will run.
class RollbackBuilder {
  public:
    explicit RollbackBuilder(RollbackProgram& back) : back_(&back) {}

    // Copies a graph of steps under a prefix; `entry` comes before all of it.
    void add(const program::Graph& steps, const std::string& prefix, const RunEnv& env, program::GuardId first_guard,
             NodeId entry, const program::Place& place) {
        const std::size_t base = back_->graph.nodes.size();
        const std::string only = steps.nodes.size() == 1 && prefix.starts_with("undo:") ? prefix : std::string();
        const auto path = [&](const Node& node) { return only.empty() ? prefix + "." + node.id : only; };
        std::map<std::string, std::string> renamed;
        for (const auto& node : steps.nodes) renamed.emplace(node.id, path(node));
        for (const auto& node : steps.nodes)
            back_->graph.nodes.push_back(copy(node, path(node), env, first_guard, renamed, place));
        for (auto edge : steps.edges) {
            edge.from = NodeId(base + edge.from.index());
            edge.to = NodeId(base + edge.to.index());
            back_->graph.edges.push_back(edge);
        }
        if (!entry) return;
        for (std::size_t i = base; i < back_->graph.nodes.size(); ++i) connect(entry, NodeId(i), place);
    }

    NodeId add_join(std::string id) {
        Node join;
        join.id = std::move(id);
        join.type = Node::Type::join;
        back_->graph.nodes.push_back(std::move(join));
        return NodeId(back_->graph.nodes.size() - 1);
    }

    void connect(NodeId from, NodeId to, const program::Place& place) {
        back_->graph.edges.push_back({from, to, program::Edge::Because::sequence, place});
    }

    static ExprPtr rewrite(const ExprPtr& expr, const RunEnv& env, const std::map<std::string, std::string>& renamed) {
        return program::specialise(rename(expr, renamed), env);
    }

    void finish() {
        std::sort(back_->graph.edges.begin(), back_->graph.edges.end(),
                  [](const auto& a, const auto& b) { return std::pair(a.to, a.from) < std::pair(b.to, b.from); });
    }

  private:
    // References to the outputs of steps of the same program follow their new names. Depth is bounded by the parser.
    static ExprPtr rename(const ExprPtr& expr, const std::map<std::string, std::string>& renamed) {
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

    static Node copy(const Node& from, std::string path, const RunEnv& env, program::GuardId first_guard,
                     const std::map<std::string, std::string>& renamed, const program::Place& place) {
        Node node = from;
        node.id = std::move(path);
        if (node.guard) node.guard = program::GuardId(first_guard.index() + node.guard.index());
        for (auto& with : node.with) with = rewrite(with, env, renamed);
        for (auto& sets : node.sets) sets.value = rewrite(sets.value, env, renamed);
        node.on_failure = program::OnFailure::halt;
        node.instance = {};
        if (node.source == program::Place{}) node.source = place;
        return node;
    }

    RollbackProgram* back_;
};

bool may_have_changed_something(const Node& node, const NodeState& at) {
    return node.type == Node::Type::action && (at.phase == Phase::finished || at.began);
}

void include(Unit& unit, const NodeState& at) {
    unit.start = std::min(unit.start, at.started_as != 0 ? at.started_as : at.ended_as);
    const bool is_over = at.ended_as != 0 && at.phase != Phase::started && at.phase != Phase::in_doubt;
    unit.end = std::max(unit.end, is_over ? at.ended_as : never);
    unit.left = std::max(unit.left, at.left_as != 0 ? at.left_as : never);
}

std::vector<Unit> units_of(const RunState& run) {
    std::vector<const program::RecoverSteps*> covered_by(run.execution.size(), nullptr);
    for (const auto& recovery : run.plan->recoveries)  // outer before inner: the first that covers a node keeps it
        for (const auto id : recovery.covers)
            if (covered_by.at(id.index()) == nullptr) covered_by[id.index()] = &recovery;
    std::vector<Unit> units;
    std::map<const program::RecoverSteps*, std::size_t> of_recovery;
    for (std::size_t i = 0; i < run.execution.size(); ++i) {
        const auto& at = run.forward.nodes[i];
        if (!may_have_changed_something(run.execution.graph->nodes[i], at)) continue;
        std::size_t index = units.size();
        if (const auto* recovery = covered_by[i]) index = of_recovery.emplace(recovery, index).first->second;
        if (index == units.size())
            units.push_back({.node = covered_by[i] ? NodeId() : NodeId(i), .recovery = covered_by[i]});
        include(units[index], at);
        units[index].covered.push_back(NodeId(i));
    }
    // The latest start first; among those that one record apart cannot tell, the later in the plan first.
    std::stable_sort(units.begin(), units.end(), [](const Unit& a, const Unit& b) { return a.start > b.start; });
    return units;
}

// Removes units that cannot be undone, and all units that ended before one of those started.
void stop_at_no_return(const RunState& run, std::vector<Unit>& units, RollbackProgram& back) {
    const auto is_impossible = [&](const Unit& unit) {
        return unit.node && run.execution.node(unit.node).undo.type == program::Undo::Type::impossible;
    };
    std::uint64_t wall = 0;  // units that ended before this record stay
    for (const auto& unit : units)
        if (is_impossible(unit)) wall = std::max(wall, unit.start);
    std::erase_if(units, [&](const Unit& unit) {
        if (!is_impossible(unit)) return false;
        const auto& node = run.execution.node(unit.node);
        back.no_return.push_back({.node = node.id, .why = node.undo.why});
        return true;
    });
    if (back.no_return.empty()) return;
    std::vector<NodeId> stays;
    std::erase_if(units, [&](const Unit& unit) {
        if (unit.end >= wall) return false;
        stays.insert(stays.end(), unit.covered.begin(), unit.covered.end());
        return true;
    });
    std::sort(stays.begin(), stays.end());
    for (const auto id : stays) back.no_return.front().stays.push_back(run.execution.node(id).id);
}

void add_unit(const RunState& run, RollbackProgram& back, RollbackBuilder& builder, const Unit& unit, NodeId entry) {
    RunEnv env(run);
    env.reads = RunEnv::Reads::no_state;
    if (unit.recovery == nullptr) {
        const auto& node = run.execution.node(unit.node);
        const auto& before = run.forward.nodes[unit.node.index()].before;
        const auto found = node.on ? before.find(node.on) : before.end();
        if (found != before.end()) env.before_state = &found->second;
        if (node.undo.type == program::Undo::Type::steps)
            builder.add(node.undo.steps, "undo:" + node.id, env, {}, entry, node.source);
        return;
    }
    const program::GuardId first(back.guards.size());
    const std::string prefix = "recover:" + (unit.recovery->group.empty() ? run.plan->name : unit.recovery->group);
    for (auto guard : unit.recovery->guards) {
        if (guard.parent) guard.parent = program::GuardId(first.index() + guard.parent.index());
        guard.step = prefix + "." + guard.step;
        guard.condition = program::specialise(guard.condition, env);
        back.guards.push_back(std::move(guard));
    }
    builder.add(unit.recovery->steps, prefix, env, first, entry, unit.recovery->source);
}

}  // namespace

// The order "a ended before b started" is an interval order, so it needs no edge for every pair. Units are sorted by
// falling start, with a chain of joins between them: a unit follows the join behind the last unit that started after
// its own end, and comes before the next join. Edges are linear in the units.
std::unique_ptr<RollbackProgram> derive_rollback(const RunState& run) {
    auto back = std::make_unique<RollbackProgram>();
    auto units = units_of(run);
    stop_at_no_return(run, units, *back);
    RollbackBuilder builder(*back);
    std::vector<NodeId> joins;  // joins[i]: after units[0 … i] are undone
    for (std::size_t i = 0; i < units.size(); ++i) {
        // The number of units (a prefix) that started after this one first ended. Later tries do not count: its undo
        // restores the states from before its first start.
        const auto after = std::partition_point(units.begin(), units.begin() + static_cast<std::ptrdiff_t>(i),
                                                [&](const Unit& other) { return other.start > units[i].left; });
        const auto count = static_cast<std::size_t>(after - units.begin());
        const NodeId entry = count == 0 ? NodeId() : joins[count - 1];
        const std::size_t first = back->graph.nodes.size();
        add_unit(run, *back, builder, units[i], entry);
        const std::size_t last = back->graph.nodes.size();
        joins.push_back(builder.add_join("undone:" + std::to_string(i + 1)));
        if (i > 0) builder.connect(joins[i - 1], joins[i], {});
        for (std::size_t n = first; n < last; ++n) builder.connect(NodeId(n), joins[i], {});
    }
    builder.finish();
    back->execution = execution_graph_of(*run.plan, back->graph, back->guards);
    back->state.nodes.resize(back->graph.nodes.size());
    back->state.guards.resize(back->guards.size());
    return back;
}

}  // namespace pvsplan::state
