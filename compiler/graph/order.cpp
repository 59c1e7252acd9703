#include "compiler/graph/order.hpp"

#include <algorithm>
#include <numeric>
#include <queue>

#include "compiler/graph/cycle_report.hpp"

namespace pvsplan::graph {
namespace {

using expand::Edge;
using expand::Expansion;

// The smallest topological order (Kahn, with a heap); shorter than the number of nodes if there is a cycle.
std::vector<std::uint32_t> number(const Expansion& expansion) {
    const auto count = static_cast<std::uint32_t>(expansion.nodes.size());
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0U);
    // The common case: the plan is written in an order in which it can run.
    if (std::all_of(expansion.edges.begin(), expansion.edges.end(), [](const Edge& e) { return e.from < e.to; }))
        return order;
    order.clear();
    Rows<std::uint32_t> after;
    after.starts.assign(count + 1, 0);
    std::vector<std::uint32_t> waits(count, 0);
    for (const Edge& e : expansion.edges) ++after.starts[e.from + 1], ++waits[e.to];
    std::partial_sum(after.starts.begin(), after.starts.end(), after.starts.begin());
    after.items.resize(expansion.edges.size());
    std::vector<std::uint32_t> fill(after.starts.begin(), after.starts.end() - 1);
    for (const Edge& e : expansion.edges) after.items[fill[e.from]++] = e.to;
    // The smallest number first: among nodes without an order that of the text is kept.
    std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
    for (std::uint32_t node = 0; node < count; ++node)
        if (waits[node] == 0) ready.push(node);
    while (!ready.empty()) {
        const std::uint32_t node = ready.top();
        ready.pop();
        order.push_back(node);
        for (const std::uint32_t next : after[node])
            if (--waits[next] == 0) ready.push(next);
    }
    return order;
}

}  // namespace

// The edges of the expansion are given up: rows of both directions hold them from here on. O(nodes + edges), but for
// the sorting of each row. Rows of successors come out ascending, since nodes are gone through in order.
Order order(Expansion& expansion, const std::function<std::string(std::uint32_t)>& path_of_node, diag::Sink& sink) {
    Order result{.node = number(expansion)};
    const auto count = static_cast<std::uint32_t>(expansion.nodes.size());
    if (result.node.size() < count) {
        report_cycles(expansion, path_of_node, sink);
        result.is_acyclic = false;
        return result;
    }
    std::vector<Index> index(count);
    for (Index i = 0; i < count; ++i) index[result.node[i]] = i;
    // Predecessors: a counting sort by node; then each row is sorted, and of duplicates the most explicit origin is
    // kept.
    Rows<Index>& before = result.predecessors;
    before.starts.assign(count + 1, 0);
    for (const Edge& e : expansion.edges) ++before.starts[index[e.to] + 1];
    std::partial_sum(before.starts.begin(), before.starts.end(), before.starts.begin());
    before.items.resize(expansion.edges.size());
    result.origin.resize(expansion.edges.size());
    std::vector<std::uint32_t> fill(before.starts.begin(), before.starts.end() - 1);
    for (const Edge& e : expansion.edges) {
        const std::uint32_t place = fill[index[e.to]]++;
        before.items[place] = index[e.from];
        result.origin[place] = e.origin;
    }
    std::vector<Edge>().swap(expansion.edges);
    std::uint32_t kept = 0;
    std::vector<std::pair<Index, std::uint32_t>> row;
    for (Index node = 0; node < count; ++node) {
        const std::uint32_t begin = before.starts[node];
        const std::uint32_t end = before.starts[node + 1];
        row.clear();
        for (std::uint32_t i = begin; i < end; ++i) row.emplace_back(before.items[i], result.origin[i]);
        std::sort(row.begin(), row.end(), [&](const auto& a, const auto& b) {
            if (a.first != b.first) return a.first < b.first;
            return expansion.origins[a.second].because < expansion.origins[b.second].because;
        });
        before.starts[node] = kept;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0 && row[i].first == row[i - 1].first) continue;
            before.items[kept] = row[i].first;
            result.origin[kept++] = row[i].second;
        }
    }
    before.starts[count] = kept;
    before.items.resize(kept);
    result.origin.resize(kept);
    Rows<Index>& after = result.successors;
    after.starts.assign(count + 1, 0);
    for (const Index from : before.items) ++after.starts[from + 1];
    std::partial_sum(after.starts.begin(), after.starts.end(), after.starts.begin());
    after.items.resize(kept);
    fill.assign(after.starts.begin(), after.starts.end() - 1);
    for (Index node = 0; node < count; ++node)
        for (const Index from : before[node]) after.items[fill[from]++] = node;
    return result;
}

}  // namespace pvsplan::graph
