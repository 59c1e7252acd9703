#include "runtime/view/step_relation.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "runtime/view/plan_order.hpp"

namespace pvsplan::view {
namespace {

using Pair = std::pair<std::uint32_t, std::uint32_t>;

void fill_targets(StepOrder& order) {
    order.targets.resize(order.predecessors.items.size());
    for (std::uint32_t node = 0; node < order.predecessors.size(); ++node)
        for (std::uint32_t edge = order.predecessors.starts[node]; edge < order.predecessors.starts[node + 1]; ++edge)
            order.targets[edge] = node;
}

std::string shown_path(const PlanReport& report, base::Span span) {
    const std::string path(report.compilation.sources->path(span.file));
    const bool is_built_in = report.compilation.sources->belongs(span.file) == base::Belongs::to_library;
    return (is_built_in ? "" : report.prefix) + path;
}

// By node: whether it is one of `of` or comes before one of them. Backwards along the edges, each node once and without
// recursion: a plan may be a chain of a hundred thousand.
std::vector<bool> up_to(const StepOrder& order, const StepIndices& of) {
    std::vector<bool> seen(order.names.size());
    StepIndices open = of;
    for (const std::uint32_t node : of) seen[node] = true;
    for (std::size_t at = 0; at < open.size(); ++at)
        for (const std::uint32_t from : order.predecessors[open[at]])
            if (!seen[from]) {
                seen[from] = true;
                open.push_back(from);
            }
    return seen;
}

bool is_before(const StepOrder& order, std::uint32_t a, std::uint32_t b) { return a < b && up_to(order, {b})[a]; }

// From `a` to `b` along the order: a shortest chain of edges. Breadth first from the end, and nothing before `a` is
// looked at: nodes are numbered along the order. Empty where there is none.
StepIndices chain(const StepOrder& order, std::uint32_t a, std::uint32_t b) {
    static constexpr std::uint32_t unseen = 0xffffffffU;
    StepIndices edge_to_next(order.names.size(), unseen);
    StepIndices open = {b};
    for (std::size_t at = 0; at < open.size() && edge_to_next[a] == unseen; ++at) {
        const std::uint32_t node = open[at];
        for (std::uint32_t edge = order.predecessors.starts[node]; edge < order.predecessors.starts[node + 1]; ++edge) {
            const std::uint32_t from = order.predecessors.items[edge];
            if (from < a || edge_to_next[from] != unseen) continue;
            edge_to_next[from] = edge;
            open.push_back(from);
        }
    }
    StepIndices edges;
    for (std::uint32_t node = a; node != b && edge_to_next[node] != unseen; node = order.targets[edge_to_next[node]])
        edges.push_back(edge_to_next[node]);
    return edges;
}

// A step of `left` and one of `right` that it is not before. Nothing: all of `left` comes before all of `right`.
std::optional<Pair> not_before(const StepOrder& order, const StepIndices& left, const StepIndices& right) {
    std::set<StepIndices> asked;  // steps that wait for the same have the same before them
    for (const std::uint32_t y : right) {
        const auto waits_for = order.predecessors[y];
        if (!asked.insert(StepIndices(waits_for.begin(), waits_for.end())).second) continue;
        const std::vector<bool> before = up_to(order, {y});
        for (const std::uint32_t x : left)
            if (x == y || !before[x]) return Pair(x, y);
    }
    return std::nullopt;
}

bool contains(const StepIndices& whole, const StepIndices& part) {
    return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

}  // namespace

std::string_view words_of(program::Edge::Because because) {
    switch (because) {
        case program::Edge::Because::sequence: return "they stand one after the other";
        case program::Edge::Because::after: return "`after` says so";
        case program::Edge::Because::at_most: return "no more may be under way at once (`at_most`)";
        case program::Edge::Because::data: return "it reads what the other puts out";
    }
    return "";
}

// It refers to the compilation, for the reasons of its edges.
StepOrder order_of(const PlanReport& report) {
    const compiler::Compilation& c = report.compilation;
    std::vector<StepNames::Node> nodes;
    for (std::uint32_t i = 0; i < c.facts().size(); ++i)
        nodes.push_back(
            {c.facts().path(i), compiler::is_join(c, i) ? StepNames::NodeType::join : StepNames::NodeType::step});
    std::vector<program::LeftOut> left_out;
    for (const expand::LeftOut& one : c.stages->expansion.left_out)
        if (!one.why.empty()) left_out.push_back({one.path, one.why});
    StepOrder order{.names = StepNames(std::move(nodes), std::move(left_out)),
                    .predecessors = c.facts().predecessors,
                    .targets = {},
                    .reason = [report, &c](std::uint32_t edge) {
                        StepOrder::Reason reason{.because = compiler::origin_of(c, edge).because};
                        const base::Span span = compiler::origin_of(c, edge).span;
                        if (span.is_nowhere()) return reason;
                        reason.file = shown_path(report, span);
                        reason.line = c.sources->position(span.file, span.begin).line;
                        return reason;
                    }};
    fill_targets(order);
    return order;
}

// It refers to the plan.
StepOrder order_of(const program::Plan& plan) {
    StepOrder order{.names = StepNames(plan),
                    .predecessors = predecessors_of(plan.graph),
                    .targets = {},
                    .reason = [&plan](std::uint32_t edge) {
                        const program::Edge& source = plan.graph.edges[edge];
                        return StepOrder::Reason{source.because, source.source.file, source.source.line};
                    }};
    fill_targets(order);
    return order;
}

// Both ways are asked. If neither group is before the other, two steps that no path joins are an overlap; where every
// pair that was found is ordered the other way, the groups alternate.
StepRelation relation_of(const StepOrder& order, const StepIndices& a, const StepIndices& b) {
    using StepRelationType = StepRelation::Type;
    using Asked = StepRelation::Asked;
    if (contains(a, b)) return {.type = StepRelationType::part};
    if (contains(b, a)) return {.type = StepRelationType::part, .asked = Asked::the_other_way_round};
    const std::optional<Pair> forward = not_before(order, a, b);
    if (!forward) {
        const Pair shown(a.back(), b.front());
        return {.type = StepRelationType::before,
                .first = shown.first,
                .second = shown.second,
                .edges = chain(order, shown.first, shown.second)};
    }
    const std::optional<Pair> backward = not_before(order, b, a);
    if (!backward)
        return {.type = StepRelationType::before,
                .asked = Asked::the_other_way_round,
                .first = b.back(),
                .second = a.front(),
                .edges = chain(order, b.back(), a.front())};
    const auto [x, y] = *forward;  // x is not before y, nor is v before u
    const auto [v, u] = *backward;
    if (!is_before(order, y, x)) return {.type = StepRelationType::overlap, .first = x, .second = y};
    if (!is_before(order, u, v)) return {.type = StepRelationType::overlap, .first = u, .second = v};
    return {.type = StepRelationType::interleaved, .first = u, .second = v, .later_first = y, .later_second = x};
}

StepIndices ancestors(const StepOrder& order, const StepIndices& of) {
    const std::vector<bool> seen = up_to(order, of);
    StepIndices result;
    for (std::uint32_t i = 0; i < seen.size(); ++i)
        if (seen[i] && std::find(of.begin(), of.end(), i) == of.end()) result.push_back(i);
    return result;
}

}  // namespace pvsplan::view
