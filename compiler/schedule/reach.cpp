#include "compiler/schedule/reach.hpp"

#include <algorithm>
#include <numeric>

namespace pvsplan::schedule {

// Sorted by source, so that 64 neighbouring sources share a sweep. Nodes are numbered topologically: nothing before the
// first source or behind the last target is on a path.
std::vector<bool> reach(const Facts& facts, std::span<const Pair> pairs) {
    std::vector<bool> result(pairs.size(), false);
    std::vector<std::size_t> order(pairs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return pairs[a].before < pairs[b].before; });
    std::vector<std::uint64_t> bits;
    for (std::size_t begin = 0; begin < order.size();) {
        // One bit of a word for each source.
        std::size_t end = begin;
        std::size_t sources = 0;
        Index last_source = graph::no_index;
        Index last_target = 0;
        while (end < order.size()) {
            const Pair& pair = pairs[order[end]];
            if (pair.before != last_source) {
                if (sources == 64) break;
                ++sources;
                last_source = pair.before;
            }
            last_target = std::max(last_target, pair.after);
            ++end;
        }
        const Index first = pairs[order[begin]].before;
        if (last_target > first) {
            bits.assign(last_target - first + 1, 0);
            std::vector<std::uint64_t> bit_of(end - begin);
            std::size_t bit = 0;
            last_source = first;
            for (std::size_t i = begin; i < end; ++i) {
                if (pairs[order[i]].before != last_source) ++bit, last_source = pairs[order[i]].before;
                bit_of[i - begin] = std::uint64_t{1} << bit;
            }
            // bits[v]: the sources that are v or come before it.
            for (std::size_t i = begin; i < end; ++i)
                if (pairs[order[i]].before <= last_target) bits[pairs[order[i]].before - first] |= bit_of[i - begin];
            for (Index v = first + 1; v <= last_target; ++v)
                for (const Index before : facts.predecessors[v])
                    // A predecessor before the first source cannot be reached from any of them.
                    if (before >= first) bits[v - first] |= bits[before - first];
            for (std::size_t i = begin; i < end; ++i) {
                const Pair& pair = pairs[order[i]];
                result[order[i]] = pair.after > pair.before && (bits[pair.after - first] & bit_of[i - begin]) != 0;
            }
        }
        begin = end;
    }
    return result;
}

// The sizes of trees are summed up from the leaves; then each node takes its number from its parent, which comes before
// it. No recursion: a plan may be a chain of a million.
NearPaths::NearPaths(const Facts& facts) : number_(facts.size()), size_(facts.size(), 1) {
    for (Index v = facts.size(); v-- > 0;)
        if (const auto before = facts.predecessors[v]; !before.empty()) size_[before.back()] += size_[v];
    Index next_root = 0;
    std::vector<Index> next(facts.size());  // by node: the number of the next tree below it
    for (Index v = 0; v < facts.size(); ++v) {
        const auto before = facts.predecessors[v];
        Index& place = before.empty() ? next_root : next[before.back()];
        number_[v] = place;
        place += size_[v];
        next[v] = number_[v] + 1;
    }
}

// Predecessors have lower numbers, so one pass in ascending order is enough; before_any() goes the other way.
std::vector<bool> after_any(const Facts& facts, const std::vector<bool>& marks) {
    std::vector<bool> after(facts.size(), false);
    for (Index v = 0; v < facts.size(); ++v)
        for (const Index before : facts.predecessors[v])
            if (marks[before] || after[before]) after[v] = true;
    return after;
}

std::vector<bool> before_any(const Facts& facts, const std::vector<bool>& marks) {
    std::vector<bool> before(facts.size(), false);
    for (Index v = facts.size(); v-- > 0;)
        for (const Index next : facts.successors[v])
            if (marks[next] || before[next]) before[v] = true;
    return before;
}

std::optional<Pair> first_unordered(const Facts& facts, const std::vector<Index>& as, const std::vector<Index>& bs) {
    if (as.empty() || bs.empty()) return std::nullopt;
    std::vector<bool> is_b(facts.size(), false);
    for (const Index b : bs) is_b[b] = true;
    // A node with a single successor reaches that successor and what it reaches. So each source moves along its chain
    // of single successors, but not onto a b.
    std::vector<Index> top(facts.size());
    for (Index v = facts.size(); v-- > 0;) {
        const auto next = facts.successors[v];
        top[v] = next.size() == 1 && !is_b[next[0]] ? top[next[0]] : v;
    }
    std::vector<std::pair<Index, Index>> sources;  // (top, the node itself)
    for (const Index a : as) sources.emplace_back(top[a], a);
    // Sorted by where their chains end, so that equal ends fall together and a sweep begins at the first of its 64.
    std::sort(sources.begin(), sources.end());
    sources.erase(
        std::unique(sources.begin(), sources.end(), [](const auto& x, const auto& y) { return x.first == y.first; }),
        sources.end());
    std::vector<std::uint64_t> bits(facts.size());
    for (std::size_t begin = 0; begin < sources.size(); begin += 64) {
        const std::size_t end = std::min(begin + 64, sources.size());
        std::fill(bits.begin(), bits.end(), 0);
        for (std::size_t i = begin; i < end; ++i) bits[sources[i].first] |= std::uint64_t{1} << (i - begin);
        std::uint64_t all = end - begin == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (end - begin)) - 1;
        for (Index v = sources[begin].first; v < facts.size(); ++v)
            for (const Index before : facts.predecessors[v]) bits[v] |= bits[before];
        for (const Index b : bs) {
            std::uint64_t have = bits[b];
            for (std::size_t i = begin; i < end; ++i)
                if (sources[i].first == b) have &= ~(std::uint64_t{1} << (i - begin));  // not before itself
            if (have == all) continue;
            for (std::size_t i = begin; i < end; ++i)
                if ((have >> (i - begin) & 1U) == 0) return Pair{sources[i].second, b};
        }
    }
    return std::nullopt;
}

// A search backwards from all of them at once: each edge is looked at once.
std::vector<Index> ancestors(const Facts& facts, std::span<const Index> nodes) {
    std::vector<bool> seen(facts.size(), false);
    std::vector<Index> open(nodes.begin(), nodes.end());
    std::vector<Index> all;
    while (!open.empty()) {
        const Index at = open.back();
        open.pop_back();
        for (const Index before : facts.predecessors[at])
            if (!seen[before]) seen[before] = true, open.push_back(before), all.push_back(before);
    }
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace pvsplan::schedule
