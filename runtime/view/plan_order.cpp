#include "runtime/view/plan_order.hpp"

#include <algorithm>
#include <utility>

namespace pvsplan::view {
namespace {

using Bits = std::vector<std::uint64_t>;

bool has(const Bits& bits, std::size_t i) { return (bits[i / 64] >> (i % 64) & 1U) != 0; }

}  // namespace

std::vector<std::vector<std::uint32_t>> overlaps(const program::Graph& graph) {
    const std::size_t n = graph.nodes.size();
    std::vector<Bits> before(n, Bits((n + 63) / 64));  // row b: every a that is before b
    // Edges are by their target, and a target comes after its sources: one pass in order closes the relation.
    for (const program::Edge& edge : graph.edges) {
        Bits& row = before[edge.to.index()];
        const Bits& more = before[edge.from.index()];
        for (std::size_t i = 0; i < row.size(); ++i) row[i] |= more[i];
        row[edge.from.index() / 64] |= std::uint64_t{1} << (edge.from.index() % 64);
    }
    std::vector<std::vector<std::uint32_t>> result(n);
    for (std::uint32_t b = 0; b < n; ++b)
        for (std::uint32_t a = 0; a < n; ++a)
            if (a != b && !has(before[b], a) && !has(before[a], b)) result[b].push_back(a);
    return result;
}

std::vector<std::uint32_t> longest_chain(const program::Graph& graph,
                                         const std::function<std::int64_t(std::uint32_t)>& weight) {
    const auto n = static_cast<std::uint32_t>(graph.nodes.size());
    if (n == 0) return {};
    static constexpr std::uint32_t none = 0xffffffffU;
    std::vector<std::int64_t> total(n);
    std::vector<std::uint32_t> previous(n, none);
    std::size_t edge = 0;
    for (std::uint32_t node = 0; node < n; ++node) {
        for (; edge < graph.edges.size() && graph.edges[edge].to.index() == node; ++edge) {
            const std::uint32_t from = graph.edges[edge].from.value;
            if (previous[node] != none && total[from] <= total[node]) continue;
            total[node] = total[from];
            previous[node] = from;
        }
        total[node] += weight(node);
    }
    auto last = static_cast<std::uint32_t>(std::max_element(total.begin(), total.end()) - total.begin());
    std::vector<std::uint32_t> chain;
    for (; last != none; last = previous[last]) chain.push_back(last);
    std::reverse(chain.begin(), chain.end());
    return chain;
}

std::string ranges(const std::vector<std::uint32_t>& ascending) {
    std::string text;
    for (std::size_t i = 0; i < ascending.size();) {
        std::size_t end = i;
        while (end + 1 < ascending.size() && ascending[end + 1] == ascending[end] + 1) ++end;
        text += (text.empty() ? "" : ", ") + std::to_string(ascending[i]);
        if (end > i) text += (end == i + 1 ? ", " : "-") + std::to_string(ascending[end]);
        i = end + 1;
    }
    return text;
}

std::string duration_for_people(std::int64_t milliseconds) {
    if (milliseconds < 1000) return std::to_string(milliseconds) + " ms";
    const std::int64_t seconds = (milliseconds + 500) / 1000;
    const std::pair<std::int64_t, std::string_view> units[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
    std::string text;
    std::int64_t left = seconds;
    int shown = 0;
    for (const auto& [size, name] : units) {
        if (shown == 2 || (left < size && shown == 0)) continue;
        const std::int64_t number = left / size;
        left -= number * size;
        ++shown;
        if (number > 0) text += (text.empty() ? "" : " ") + std::to_string(number) + std::string(name);
    }
    return text;
}

}  // namespace pvsplan::view
