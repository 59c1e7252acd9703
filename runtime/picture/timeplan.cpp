#include "runtime/picture/timeplan.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/view/plan_order.hpp"

namespace pvsplan::picture {
namespace {

bool is_join(const program::Graph& graph, std::uint32_t node) {
    return graph.nodes[node].type == program::Node::Type::join;
}

// The latest end of each node by which all still ends at `end`. Backwards along the edges, which are sorted by their
// targets.
std::vector<At> latest_ends(const program::Graph& graph, const view::Times& lengths, At end) {
    std::vector<At> latest(graph.nodes.size(), end);
    for (auto edge = graph.edges.rbegin(); edge != graph.edges.rend(); ++edge) {
        const std::size_t to = edge->to.index();
        latest[edge->from.index()] = std::min(latest[edge->from.index()], latest[to] - lengths[to]);
    }
    return latest;
}

// Ticks at round expected times, each where the critical path is then. Drawn lengths are not expected ones, since short
// steps are drawn longer: so a tick stands where the longest chain is at that time, and the distance between two is
// none that could be measured. None where nothing is expected to take any time.
std::vector<Tick> ticks_along(const std::vector<std::uint32_t>& chain, const view::Times& expected,
                              const std::vector<Stretch>& drawn) {
    static constexpr std::array<std::int64_t, 16> minutes = {1,   2,   5,   10,   15,   30,   60,    120,
                                                             240, 360, 720, 1440, 2880, 7200, 14400, 43200};
    static constexpr std::size_t max_ticks = 9;
    At all = 0;
    for (const std::uint32_t node : chain) all += expected[node];
    if (all == 0) return {};
    std::int64_t apart = minutes.back() * 60'000;
    for (const std::int64_t each : minutes)
        if (all / (each * 60'000) <= static_cast<At>(max_ticks)) {
            apart = each * 60'000;
            break;
        }
    std::vector<Tick> ticks{{0, "0"}};
    At before = 0;
    for (const std::uint32_t node : chain) {
        const At length = expected[node];
        for (At at = (before / apart + 1) * apart; at <= before + length; at += apart) {
            const Stretch& here = drawn[node];
            ticks.push_back({here.from + (here.to - here.from) * (at - before) / std::max<At>(length, 1),
                             view::duration_for_people(at)});
        }
        before += length;
    }
    return ticks;
}

}  // namespace

// Two times: the expected one, which is told, and the drawn one, in which every step has a width. A join takes none in
// either.
Timeplan timeplan_of(const program::Graph& graph, const std::function<std::int64_t(std::uint32_t)>& expected_ms,
                     const Delays& delays) {
    static constexpr At shortest_parts = 150;  // of the whole time
    static constexpr At unit = 60'000;         // where nothing is known
    const auto n = static_cast<std::uint32_t>(graph.nodes.size());
    Timeplan plan;
    view::Times expected(n);
    for (std::uint32_t i = 0; i < n; ++i) expected[i] = is_join(graph, i) ? 0 : expected_ms(i);
    plan.expected_start_ms = view::earliest_begins(graph, expected);
    plan.expected_ms = view::last_end(plan.expected_start_ms, expected);
    const auto is_step = [&](std::uint32_t i) { return is_join(graph, i) ? 0 : 1; };
    for (const std::uint32_t i : view::longest_chain(graph, is_step)) plan.longest_chain += is_step(i) > 0 ? 1 : 0;
    plan.least = plan.expected_ms == 0
                     ? unit
                     : std::max<At>(1, plan.expected_ms / std::max<At>(shortest_parts, 2 * At{plan.longest_chain}));
    view::Times lengths(n);
    for (std::uint32_t i = 0; i < n; ++i) lengths[i] = is_join(graph, i) ? 0 : std::max(expected[i], plan.least);

    view::Times delayed(n);
    for (const auto& [node, at] : delays) delayed[node] = at;
    const view::Times start = view::earliest_begins(graph, lengths, std::move(delayed));
    plan.end = std::max<At>(1, view::last_end(start, lengths));
    const std::vector<At> last = latest_ends(graph, lengths, plan.end);
    plan.latest.assign(n, plan.end);
    for (const program::Edge& edge : graph.edges)
        plan.latest[edge.from.index()] = std::min(plan.latest[edge.from.index()], start[edge.to.index()]);
    for (std::uint32_t i = 0; i < n; ++i) {
        plan.drawn.push_back({start[i], start[i] + lengths[i]});
        plan.is_critical.push_back(last[i] == plan.drawn[i].to);
    }
    plan.ticks =
        ticks_along(view::longest_chain(graph, [&](std::uint32_t i) { return lengths[i]; }), expected, plan.drawn);
    return plan;
}

}  // namespace pvsplan::picture
