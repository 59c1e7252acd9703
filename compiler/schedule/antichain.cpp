#include "compiler/schedule/antichain.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <span>

#include "compiler/base/check.hpp"

namespace pvsplan::schedule {
namespace {

using graph::Facts;
using graph::Index;
using graph::Rows;

// The intervals by the node at one of their ends, without those that are open at that end. Few nodes have any: each has
// a bit, and a row only if it is set.
class ByNode {
  public:
    ByNode(std::size_t nodes, const std::vector<Interval>& intervals, Index Interval::*side)
        : has_row_(nodes / bits + 1, 0), row_of_word_(has_row_.size() + 1, 0) {
        for (const Interval& i : intervals)
            if (i.*side != graph::no_index) has_row_[i.*side / bits] |= bit(i.*side);
        for (std::size_t word = 0; word < has_row_.size(); ++word)
            row_of_word_[word + 1] = row_of_word_[word] + static_cast<std::uint32_t>(std::popcount(has_row_[word]));
        // A counting sort into rows: count, sum up, fill.
        rows_.starts.assign(row_of_word_.back() + 1, 0);
        for (const Interval& i : intervals)
            if (i.*side != graph::no_index) ++rows_.starts[row(i.*side) + 1];
        std::partial_sum(rows_.starts.begin(), rows_.starts.end(), rows_.starts.begin());
        rows_.items.resize(rows_.starts.back());
        std::vector<std::uint32_t> fill(rows_.starts.begin(), rows_.starts.end() - 1);
        for (std::uint32_t i = 0; i < intervals.size(); ++i)
            if (intervals[i].*side != graph::no_index) rows_.items[fill[row(intervals[i].*side)]++] = i;
    }
    [[nodiscard]] std::span<const std::uint32_t> operator[](Index node) const {
        if ((has_row_[node / bits] & bit(node)) == 0) return {};
        return rows_[row(node)];
    }

  private:
    static constexpr std::uint32_t bits = 64;
    static std::uint64_t bit(Index node) { return std::uint64_t{1} << (node % bits); }
    // The rank of the node among those with a row: a table for each word, and a popcount within the word.
    [[nodiscard]] std::uint32_t row(Index node) const {
        const std::uint64_t before = has_row_[node / bits] & (bit(node) - 1);
        return row_of_word_[node / bits] + static_cast<std::uint32_t>(std::popcount(before));
    }

    std::vector<std::uint64_t> has_row_;
    std::vector<std::uint32_t> row_of_word_;  // of the first node of each word
    Rows<std::uint32_t> rows_;
};

// The network. Each node v of the DAG is a start 2v and a finish 2v+1. Arcs lead from the start of v to its finish,
// from the start of the begin of each interval to the finish of its end, and along each edge of the DAG from finish to
// start. The source feeds every start and every finish drains into the sink; an interval that is open at an end is
// connected to the source or the sink there.
class Flow {
  public:
    Flow(const Facts& facts, const std::vector<Interval>& intervals)
        : facts_(facts),
          intervals_(intervals),
          begins_(facts.size(), intervals, &Interval::begin),
          ends_(facts.size(), intervals, &Interval::end),
          on_edge_(facts.predecessors.items.size(), 0),
          through_(facts.size(), 0),
          of_interval_(intervals.size(), 1) {
        base::check(facts.size() < max_things && on_edge_.size() < max_things && intervals.size() < max_things,
                    "a step of the search has room for any node, edge or interval");
    }

    // In topological order, so that what comes into a node is known when it hands on. Each interval has its one unit;
    // what a node needs beyond what comes in is fed by the source, and may be in excess.
    void start_greedily() {
        for (Index v = 0; v < facts_.size(); ++v) {
            std::uint32_t in = 0;
            for (std::uint32_t e = facts_.predecessors.starts[v]; e < facts_.predecessors.starts[v + 1]; ++e)
                in += on_edge_[e];
            const auto needed = static_cast<std::uint32_t>(begins_[v].size());
            // Flow conservation at the start of v: what comes in goes into its intervals first.
            through_[v] = std::max(in, needed) - needed;
            std::uint32_t out = through_[v] + static_cast<std::uint32_t>(ends_[v].size());
            hand_on(v, out);
        }
    }

    // Removes one unit along a residual path from the sink to the source; false if there is none: the flow is minimal.
    bool reduce() {
        reset_search();
        // The search begins at the sink: backwards along the drains, and along intervals that never end.
        for (Index v = 0; v < facts_.size(); ++v)
            if (drained(v) > 0) visit(finish(v), Move::from_sink, v);
        while (!open_.empty()) {
            const std::uint32_t place = open_.back();
            open_.pop_back();
            const Index v = place / 2;
            if (place % 2 == 0) {
                // The source feeds this start, so the path can take a unit off there.
                if (fed(v) > 0) return cancel(place);
                visit(finish(v), Move::through_forward, v);
                for (const std::uint32_t i : begins_[v])
                    if (intervals_[i].end != graph::no_index)
                        visit(finish(intervals_[i].end), Move::interval_forward, i);
                for (std::uint32_t e = facts_.predecessors.starts[v]; e < facts_.predecessors.starts[v + 1]; ++e)
                    if (on_edge_[e] > 0) visit(finish(facts_.predecessors.items[e]), Move::edge_back, e);
            } else {
                for (std::uint32_t s = facts_.successors.starts[v]; s < facts_.successors.starts[v + 1]; ++s)
                    visit(start(facts_.successors.items[s]), Move::edge_forward, edge(v, s));
                if (through_[v] > 0) visit(start(v), Move::through_back, v);
                for (const std::uint32_t i : ends_[v])
                    // The lower bound of an interval is one unit, that of every other arc is none.
                    if (of_interval_[i] > 1 && intervals_[i].begin != graph::no_index)
                        visit(start(intervals_[i].begin), Move::interval_back, i);
            }
        }
        return false;
    }

    // After the last reduce(): the intervals across the cut, from the places that the search did not reach into those
    // that it did. By duality they are a largest antichain.
    [[nodiscard]] std::vector<std::uint32_t> crossing() const {
        std::vector<std::uint32_t> result;
        for (std::uint32_t i = 0; i < intervals_.size(); ++i) {
            const bool from_reached = intervals_[i].begin != graph::no_index && is_seen(start(intervals_[i].begin));
            const bool into_reached = intervals_[i].end == graph::no_index || is_seen(finish(intervals_[i].end));
            if (!from_reached && into_reached) result.push_back(i);
        }
        return result;
    }

  private:
    enum class Move : std::uint8_t {
        none,
        from_sink,
        through_forward,
        through_back,
        edge_forward,
        edge_back,
        interval_forward,
        interval_back
    };
    // The move by which the search reached a place, which determines the place before. There is one for each start and
    // finish.
    struct Step {
        Move move : 3;
        std::uint32_t what : 29;
    };
    static_assert(sizeof(Step) == 4);
    static constexpr std::uint32_t max_things = 1U << 29U;
    // The flow from the source to the start, and from the finish to the sink: what the conservation of flow leaves to
    // it.
    [[nodiscard]] std::uint32_t fed(Index v) const {
        std::uint32_t rest = through_[v];
        for (const std::uint32_t i : begins_[v]) rest += of_interval_[i];
        for (std::uint32_t e = facts_.predecessors.starts[v]; e < facts_.predecessors.starts[v + 1]; ++e)
            rest -= on_edge_[e];
        return rest;
    }
    // The flow from the finish of v into the sink.
    [[nodiscard]] std::uint32_t drained(Index v) const {
        std::uint32_t rest = through_[v];
        for (const std::uint32_t i : ends_[v]) rest += of_interval_[i];
        for (std::uint32_t s = facts_.successors.starts[v]; s < facts_.successors.starts[v + 1]; ++s)
            rest -= on_edge_[edge(v, s)];
        return rest;
    }
    static std::uint32_t start(Index v) { return 2 * v; }
    static std::uint32_t finish(Index v) { return 2 * v + 1; }

    // Gives flow first to successors that need it for intervals of their own, and what remains to the first one.
    void hand_on(Index v, std::uint32_t out) {
        const std::uint32_t first = facts_.successors.starts[v];
        const std::uint32_t end = facts_.successors.starts[v + 1];
        if (first == end) return;  // it drains into the sink
        for (std::uint32_t s = first; s < end && out > 0; ++s) {
            const std::uint32_t wanted = static_cast<std::uint32_t>(begins_[facts_.successors.items[s]].size());
            const std::uint32_t given = std::min(out, wanted);
            on_edge_[edge(v, s)] += given;
            out -= given;
        }
        // One unit to each successor, then the remainder: one lane per branch.
        for (std::uint32_t s = first; s < end && out > 0; ++s)
            if (std::uint32_t& given = on_edge_[edge(v, s)]; given == 0) ++given, --out;
        on_edge_[edge(v, first)] += out;
    }

    void reset_search() {
        came_.assign(2 * std::size_t{facts_.size()}, Step{Move::none, 0});
        open_.clear();
    }
    [[nodiscard]] bool is_seen(std::uint32_t place) const { return came_[place].move != Move::none; }
    // Each place is entered once, so a search is linear in the arcs.
    void visit(std::uint32_t place, Move move, std::uint32_t what) {
        if (is_seen(place)) return;
        came_[place].move = move;
        came_[place].what = what & (max_things - 1);
        open_.push_back(place);
    }
    // Along the moves back to the sink: a move forward adds a unit, one back takes one off. Every arc stays at its
    // lower bound or above, since the search takes no move back along an arc that has no more.
    bool cancel(std::uint32_t place) {
        for (std::uint32_t at = place;; at = origin(came_[at])) {
            const Step step = came_[at];
            switch (step.move) {
                case Move::none: return false;
                case Move::from_sink: return true;
                case Move::through_forward: ++through_[step.what]; break;
                case Move::through_back: --through_[step.what]; break;
                case Move::edge_forward: ++on_edge_[step.what]; break;
                case Move::edge_back: --on_edge_[step.what]; break;
                case Move::interval_forward: ++of_interval_[step.what]; break;
                case Move::interval_back: --of_interval_[step.what]; break;
            }
        }
    }
    // The place from which such a move came.
    [[nodiscard]] std::uint32_t origin(Step step) const {
        switch (step.move) {
            case Move::none:
            case Move::from_sink: return graph::no_index;
            case Move::through_forward: return start(step.what);
            case Move::through_back: return finish(step.what);
            case Move::edge_forward: return finish(facts_.predecessors.items[step.what]);
            case Move::edge_back: return start(node_of_edge(step.what));
            case Move::interval_forward: return start(intervals_[step.what].begin);
            case Move::interval_back: return finish(intervals_[step.what].end);
        }
        return graph::no_index;
    }
    // The place in predecessors.items of the edge from `from` to the successor at `place` in successors.items. Both are
    // ascending and name an edge once; mostly a node has one predecessor.
    [[nodiscard]] std::uint32_t edge(Index from, std::uint32_t place) const {
        const std::span<const Index> row = facts_.predecessors[facts_.successors.items[place]];
        const auto found = std::lower_bound(row.begin(), row.end(), from);
        return static_cast<std::uint32_t>(&*found - facts_.predecessors.items.data());
    }
    // The target of the edge.
    [[nodiscard]] Index node_of_edge(std::uint32_t edge) const {
        const std::vector<std::uint32_t>& starts = facts_.predecessors.starts;
        return static_cast<Index>(std::upper_bound(starts.begin(), starts.end(), edge) - starts.begin() - 1);
    }

    const Facts& facts_;
    const std::vector<Interval>& intervals_;
    ByNode begins_;
    ByNode ends_;
    std::vector<std::uint32_t> on_edge_;  // flow on each edge, parallel to predecessors.items
    std::vector<std::uint32_t> through_;  // on start -> finish
    std::vector<std::uint32_t> of_interval_;
    std::vector<Step> came_;
    std::vector<std::uint32_t> open_;  // a stack: depth first keeps it short
};

}  // namespace

// Each reduce() takes one unit off, and the flow is finite, so that it ends; the cut of the last search is then the
// answer.
std::vector<std::uint32_t> largest_antichain(const Facts& facts, const std::vector<Interval>& intervals) {
    if (intervals.empty()) return {};
    Flow flow(facts, intervals);
    flow.start_greedily();
    while (flow.reduce()) {
    }
    return flow.crossing();
}

}  // namespace pvsplan::schedule
