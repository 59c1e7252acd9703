#include "compiler/diff/undoing.hpp"

#include <algorithm>
#include <set>

#include "compiler/diff/strength.hpp"

namespace pvsplan::diff {
namespace {

using program::Edge;
using program::ExprPtr;
using program::Guard;
using program::Node;
using program::NodeId;

bool is_same_value(const ExprPtr& was, const ExprPtr& now, const Same& same) {
    const auto is_literal = [](const ExprPtr& one) { return one && one->op == program::Expr::Op::literal; };
    return same(was, now) || (is_literal(was) && is_literal(now));
}

// All that have to hold for the step to run, from the inside out.
std::vector<ExprPtr> conditions_of(const Node& node, const std::vector<Guard>& guards) {
    std::vector<ExprPtr> all;
    for (program::GuardId guard = node.guard; guard; guard = guards[guard.index()].parent)
        all.push_back(guards[guard.index()].condition);
    return all;
}

class UndoComparison {
  public:
    UndoComparison(const Undoing& before, const Undoing& after, const Same& same)
        : before_(before), after_(after), same_(same), after_of_(before.steps.nodes.size()) {}

    // Steps first, then their order.
    [[nodiscard]] bool is_as_much() {
        if (!find_steps()) return false;
        return std::all_of(before_.steps.edges.begin(), before_.steps.edges.end(),
                           [&](const Edge& edge) { return is_in_order(after_of(edge.from), after_of(edge.to)); });
    }

  private:
    [[nodiscard]] NodeId after_of(NodeId before) const { return NodeId(after_of_[before.index()]); }

    // Both are in the order of their sources, so that the next one that does the same is the same one.
    bool find_steps() {
        const std::vector<Node>& steps = after_.steps.nodes;
        is_matched_.assign(steps.size(), false);
        std::size_t at = 0;
        for (std::size_t i = 0; i < after_of_.size(); ++i, ++at) {
            while (at < steps.size() && !is_as_good(before_.steps.nodes[i], steps[at])) ++at;
            if (at == steps.size()) return false;
            after_of_[i] = at;
            is_matched_[at] = true;
        }
        return true;
    }
    // Each condition that the step has now, one of those before implies: it runs whenever it ran.
    [[nodiscard]] bool is_as_good(const Node& was, const Node& now) const {
        if (was.type != now.type || was.action != now.action || !same_(was.on, now.on)) return false;
        if (!same_.passes_as_much(
                was, now, [&](const ExprPtr& one, const ExprPtr& other) { return is_same_value(one, other, same_); }))
            return false;
        const std::vector<ExprPtr> narrow = conditions_of(was, before_.guards);
        const std::vector<ExprPtr> wide = conditions_of(now, after_.guards);
        return std::all_of(wide.begin(), wide.end(), [&](const ExprPtr& condition) {
            return std::any_of(narrow.begin(), narrow.end(),
                               [&](const ExprPtr& one) { return is_within(one, condition, same_); });
        });
    }

    // By an edge, or through steps that have come. Edges are in the order of where they end.
    [[nodiscard]] bool is_in_order(NodeId from, NodeId to) {
        const std::vector<Edge>& edges = after_.steps.edges;
        std::set<NodeId> seen;
        std::vector<NodeId> reached = {to};
        while (!reached.empty()) {
            const NodeId at = reached.back();
            reached.pop_back();
            auto edge = std::lower_bound(edges.begin(), edges.end(), at,
                                         [](const Edge& one, NodeId end) { return one.to < end; });
            for (; edge != edges.end() && edge->to == at; ++edge) {
                if (edge->from == from) return true;
                if (looks_left_ == 0) return false;
                --looks_left_;
                if (!is_matched_[edge->from.index()] && seen.insert(edge->from).second) reached.push_back(edge->from);
            }
        }
        return false;
    }

    const Undoing& before_;
    const Undoing& after_;
    const Same& same_;
    std::vector<std::size_t> after_of_;
    std::vector<bool> is_matched_;
    std::size_t looks_left_ = 1'000'000;  // at edges; what is not seen to be in order by then counts as if it were not
};

}  // namespace

bool undoes_as_much(const Undoing& before, const Undoing& after, const Same& same) {
    return UndoComparison(before, after, same).is_as_much();
}

}  // namespace pvsplan::diff
