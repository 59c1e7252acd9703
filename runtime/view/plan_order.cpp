#include "runtime/view/plan_order.hpp"

#include <algorithm>
#include <utility>

#include "compiler/base/lists.hpp"

namespace pvsplan::view {

// The edges of a compiled plan stand by the nodes that they lead to, and the codec accepts no others: so the rows can
// be made as they come.
base::Rows<std::uint32_t> predecessors_of(const program::Graph& graph) {
    base::Rows<std::uint32_t> rows;
    const auto begin_rows = [&](std::size_t number) {
        while (rows.starts.size() <= number) rows.starts.push_back(static_cast<std::uint32_t>(rows.items.size()));
    };
    for (const program::Edge& edge : graph.edges) {  // by their target
        begin_rows(edge.to.index());
        rows.items.push_back(edge.from.value);
    }
    begin_rows(graph.nodes.size());
    return rows;
}

// Two steps may overlap exactly if no path leads from one to the other. Nodes are numbered along the order.
Overlaps::Overlaps(const base::Rows<std::uint32_t>& predecessors) {
    const auto n = static_cast<std::uint32_t>(predecessors.size());
    const auto add = [](Bits& to, const Bits& more) {
        for (std::size_t i = 0; i < to.size(); ++i) to[i] |= more[i];
    };
    std::vector<Bits> after(n, Bits((n + 63) / 64));
    for (std::uint32_t i = 0; i < n; ++i) after[i][i / 64] |= std::uint64_t{1} << (i % 64);
    ordered_ = after;
    // A node comes behind all that it waits for: a pass each way closes the relation.
    for (std::uint32_t i = 0; i < n; ++i)
        for (const std::uint32_t before : predecessors[i]) add(ordered_[i], ordered_[before]);
    for (std::uint32_t i = n; i-- > 0;)
        for (const std::uint32_t before : predecessors[i]) add(after[before], after[i]);
    for (std::uint32_t i = 0; i < n; ++i) add(ordered_[i], after[i]);
}

// A node is left out if it is ordered with every one of them: so the rows are intersected, in the time of a row each.
std::vector<std::uint32_t> Overlaps::with(std::span<const std::uint32_t> nodes) const {
    if (nodes.empty()) return {};
    Bits with_all = ordered_[nodes.front()];
    for (const std::uint32_t node : nodes)
        for (std::size_t i = 0; i < with_all.size(); ++i) with_all[i] &= ordered_[node][i];
    std::vector<std::uint32_t> found;
    for (std::uint32_t i = 0; i < ordered_.size(); ++i)
        if ((with_all[i / 64] >> (i % 64) & 1U) == 0) found.push_back(i);
    return found;
}

// One pass: whatever leads to a node is final before the node is looked at.
Times earliest_begins(const program::Graph& graph, const Times& lengths, Times earliest) {
    earliest.resize(graph.nodes.size());
    for (const program::Edge& edge : graph.edges) {  // by their target, which comes after its sources
        const std::size_t from = edge.from.index();
        earliest[edge.to.index()] = std::max(earliest[edge.to.index()], earliest[from] + lengths[from]);
    }
    return earliest;
}

std::int64_t last_end(const Times& begins, const Times& lengths) {
    std::int64_t end = 0;
    for (std::size_t i = 0; i < begins.size(); ++i) end = std::max(end, begins[i] + lengths[i]);
    return end;
}

// Weights are not negative. Of chains that are as long the one found first stays, so that the same plan shows the same
// chain.
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
        base::append(text, ", ", std::to_string(ascending[i]));
        if (end > i) text += (end == i + 1 ? ", " : "-") + std::to_string(ascending[end]);
        i = end + 1;
    }
    return text;
}

// Rounded to seconds; two units side by side, so that "1h 20m" is not followed by seconds that nobody plans with.
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
        if (number > 0) base::append(text, " ", std::to_string(number) + std::string(name));
    }
    return text;
}

}  // namespace pvsplan::view
