#include "compiler/diff/order.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "compiler/schedule/antichain.hpp"
#include "compiler/schedule/reach.hpp"

namespace pvsplan::diff {
namespace {

using graph::Index;
using program::Node;
using program::Plan;
using OrderType = OrderChange::Type;

// An order between two steps that both plans have, and the edge that makes it.
struct Waits {
    Index earlier = 0;
    Index later = 0;
    std::uint32_t edge = 0;  // index into Graph::edges
};

// What stands between steps of both plans is passed over: each step on the one side is before each on the other. That
// is a product, so there is a bound.
constexpr std::size_t max_bridged = 200;

// Whether so many steps wait for an approval through others is asked; more are asked only where they waited directly.
constexpr std::size_t max_asked = 100'000;

// The pairs of steps that generate the order among the nodes for which `other` has a counterpart. An edge from or to a
// node without one is replaced by what leads on from there. Joins count as nodes: they keep products small.
struct Pairs {
    std::vector<Waits> all;
    bool is_whole = true;
};
// Which matched step waits for which other one, also over steps in between that the other plan has not.
Pairs pairs_of(const Plan& plan, const std::vector<std::uint32_t>& other) {
    Pairs pairs;
    std::vector<std::vector<Waits>> bridges(
        plan.graph.nodes.size());  // by node without a counterpart: what is before it
    for (std::uint32_t e = 0; e < plan.graph.edges.size(); ++e) {
        const program::Edge& edge = plan.graph.edges[e];
        const auto from = edge.from.value;
        const auto to = edge.to.value;
        const bool is_kept = other[to] != no_node;
        // Edges are by target, so all that is before `from` is known.
        if (other[from] != no_node) {
            if (is_kept)
                pairs.all.push_back({from, to, e});
            else
                bridges[to].push_back({from, to, e});
        } else {
            for (const Waits& one : bridges[from]) {
                if (is_kept)
                    pairs.all.push_back({one.earlier, to, one.edge});
                else
                    bridges[to].push_back({one.earlier, to, one.edge});
            }
        }
        if (bridges[to].size() > max_bridged) {
            bridges[to].resize(max_bridged);
            pairs.is_whole = false;
        }
    }
    return pairs;
}

// People read of steps, not of joins: the nearest step before, or after, a join stands for it.
Index step_near(const Version& in, Index node, bool is_earlier) {
    for (int hops = 0; in.plan.graph.nodes[node].type == Node::Type::join && hops < 64; ++hops) {
        const auto next = (is_earlier ? in.facts.predecessors : in.facts.successors)[node];
        if (next.empty()) break;
        node = next.back();
    }
    return node;
}

class Order {
  public:
    Order(const Version& before, const Version& after, const Matching& matching)
        : before_(before), after_(after), matching_(matching) {}

    OrderChanges all() && {
        const Pairs was = pairs_of(before_.plan, matching_.after);
        const Pairs now = pairs_of(after_.plan, matching_.before);
        result_.is_whole = was.is_whole && now.is_whole;
        lost(was.all);
        gained(now.all);
        std::stable_sort(result_.order.begin(), result_.order.end(),
                         [](const auto& a, const auto& b) { return a.type < b.type; });
        loops();
        return std::move(result_);
    }

  private:
    // An order is lost if the other plan has no path, and turned if it has one the other way. Both are asked of all
    // pairs at once.
    void lost(const std::vector<Waits>& was) {
        const std::vector<Waits> missing = not_in(was, matching_.after, after_);
        std::vector<schedule::Pair> turned;
        for (const Waits& one : missing) turned.push_back(pair(matching_.after, one.later, one.earlier));
        const std::vector<bool> is_turned = schedule::reach(after_.facts, turned);
        for (std::size_t i = 0; i < missing.size(); ++i)
            if (!is_approval(missing[i].earlier) && !is_approval(missing[i].later))
                add(is_turned[i] ? OrderType::turned : OrderType::lost, before_, missing[i]);
        asked_early(missing);
        go_on_unasked(missing);
    }

    // Of the plan before.
    [[nodiscard]] bool is_approval(Index node) const {
        return before_.plan.graph.nodes[node].type == Node::Type::approval;
    }
    [[nodiscard]] std::string step_text(Index node, bool is_earlier) const {
        return "`" + pattern_of(before_.plan.graph.nodes[step_near(before_, node, is_earlier)].id) + "`";
    }
    // Told once for each pattern of steps.
    void approval_lost(Index approval, std::string how, const Waits& by) {
        const std::string& path = before_.plan.graph.nodes[approval].id;
        StepChange change{.type = StepChange::Type::approval_lost, .step = pattern_of(path), .example = path};
        change.what = std::move(how);
        change.place = before_.plan.graph.edges[by.edge].source;
        if (told_.emplace(change.step, change.what).second) result_.losses.push_back(std::move(change));
    }

    // Before there is what a person is to look at.
    void asked_early(const std::vector<Waits>& missing) {
        for (const Waits& one : missing)
            if (is_approval(one.later) && !is_approval(one.earlier))
                approval_lost(one.later, "it no longer waits for " + step_text(one.earlier, true), one);
    }

    // Steps that waited for a person, be it through others, and go on without one now.
    void go_on_unasked(const std::vector<Waits>& missing) {
        std::map<Index, Waits> laters;
        std::vector<schedule::Pair> pairs;
        for (const Waits& one : missing) {
            laters.try_emplace(one.later, one);
            if (is_approval(one.earlier)) pairs.push_back({one.earlier, one.later});
        }
        for (Index approval = 0; approval < matching_.after.size() && !laters.empty(); ++approval) {
            if (!is_approval(approval) || matching_.after[approval] == no_node) continue;
            for (const auto& [later, by] : laters)
                if (pairs.size() < max_asked) pairs.push_back({approval, later});
        }
        const std::vector<bool> waited = schedule::reach(before_.facts, pairs);
        std::vector<schedule::Pair> there;
        for (const schedule::Pair& one : pairs) there.push_back(pair(matching_.after, one.before, one.after));
        const std::vector<bool> waits = schedule::reach(after_.facts, there);
        for (std::size_t i = 0; i < pairs.size(); ++i)
            if (waited[i] && !waits[i])
                approval_lost(pairs[i].before, step_text(pairs[i].after, false) + " no longer waits for it",
                              laters.at(pairs[i].after));
    }
    // What was turned has been told as lost, and is not told again as gained.
    void gained(const std::vector<Waits>& now) {
        const std::vector<Waits> extra = not_in(now, matching_.before, before_);
        std::vector<schedule::Pair> turned;
        for (const Waits& one : extra) turned.push_back(pair(matching_.before, one.later, one.earlier));
        const std::vector<bool> is_turned = schedule::reach(before_.facts, turned);
        for (std::size_t i = 0; i < extra.size(); ++i)
            if (!is_turned[i]) add(OrderType::gained, after_, extra[i]);
    }

    // The counterparts of two nodes.
    static schedule::Pair pair(const std::vector<std::uint32_t>& counterpart, Index before, Index after) {
        return {counterpart[before], counterpart[after]};
    }

    // Those that do not hold in the other plan.
    static std::vector<Waits> not_in(const std::vector<Waits>& pairs, const std::vector<std::uint32_t>& counterpart,
                                     const Version& other) {
        std::vector<schedule::Pair> asked;
        std::vector<std::size_t> of;
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            const schedule::Pair there = pair(counterpart, pairs[i].earlier, pairs[i].later);
            const auto direct = other.facts.predecessors[there.after];
            if (std::binary_search(direct.begin(), direct.end(), there.before)) continue;
            asked.push_back(there);
            of.push_back(i);
        }
        const std::vector<bool> holds = schedule::reach(other.facts, asked);
        std::vector<Waits> missing;
        for (std::size_t i = 0; i < asked.size(); ++i)
            if (!holds[i]) missing.push_back(pairs[of[i]]);
        return missing;
    }

    // One line of the source makes the same order in every iteration: that is one change, with a count and an example.
    void add(OrderType type, const Version& in, const Waits& waits) {
        const Index earlier = step_near(in, waits.earlier, true);
        const Index later = step_near(in, waits.later, false);
        const program::Edge& edge = in.plan.graph.edges[waits.edge];
        const std::string& earlier_path = in.plan.graph.nodes[earlier].id;
        const std::string& later_path = in.plan.graph.nodes[later].id;
        OrderChange change{
            type,       pattern_of(earlier_path), pattern_of(later_path), 1, earlier_path, later_path, edge.because,
            edge.source};
        const auto [at, is_new] = known_.try_emplace(
            {static_cast<int>(type), change.earlier, change.later, edge.source.file, edge.source.line},
            result_.order.size());
        if (is_new)
            result_.order.push_back(std::move(change));
        else
            ++result_.order[at->second].pairs;
        if (edge.because == program::Edge::Because::at_most) touched(in, waits);
    }

    // The loops around a step of which more, or fewer, iterations may run at once.
    void touched(const Version& in, const Waits& waits) {
        for (program::InstanceId a = in.plan.graph.nodes[waits.earlier].instance; a;
             a = in.plan.instances[a.index()].parent)
            loops_.try_emplace(pattern_of(in.plan.instances[a.index()].loop), in.plan.instances[a.index()].loop);
    }

    // Only of loops where a bound was touched; one that the other plan does not have is told by its steps.
    void loops() {
        if (loops_.empty()) return;
        const std::vector<std::uint64_t> was = at_once(before_);
        const std::vector<std::uint64_t> now = at_once(after_);
        std::size_t i = 0;
        for (const auto& [pattern, loop] : loops_) {
            if (was[i] != now[i] && was[i] != 0 && now[i] != 0) result_.loops.push_back({pattern, was[i], now[i]});
            ++i;
        }
    }

    // How many iterations of each of the loops may run at one moment. Each is taken from its first node to its last.
    [[nodiscard]] std::vector<std::uint64_t> at_once(const Version& in) const {
        const std::vector<program::Instance>& instances = in.plan.instances;
        std::vector<schedule::Interval> whole(instances.size());
        for (std::uint32_t i = 0; i < in.plan.graph.nodes.size(); ++i)
            for (program::InstanceId a = in.plan.graph.nodes[i].instance; a; a = instances[a.index()].parent) {
                schedule::Interval& of = whole[a.index()];
                if (of.begin == graph::no_index) of.begin = i;
                of.end = i;
            }
        std::unordered_map<std::string_view, std::vector<schedule::Interval>> by_loop;
        for (const auto& [pattern, loop] : loops_) by_loop.try_emplace(loop);
        for (std::size_t i = 0; i < instances.size(); ++i)
            if (const auto loop = by_loop.find(instances[i].loop);
                loop != by_loop.end() && whole[i].begin != graph::no_index)
                loop->second.push_back(whole[i]);
        std::vector<std::uint64_t> most;
        for (const auto& [pattern, loop] : loops_)
            most.push_back(schedule::largest_antichain(in.facts, by_loop.at(loop)).size());
        return most;
    }

    const Version& before_;
    const Version& after_;
    const Matching& matching_;
    std::map<std::tuple<int, std::string, std::string, std::string, std::uint32_t>, std::size_t> known_;
    std::set<std::pair<std::string, std::string>> told_;  // approvals, and how each is lost
    std::map<std::string, std::string> loops_;            // by pattern: the first of them
    OrderChanges result_;
};

}  // namespace

OrderChanges compare_order(const Version& before, const Version& after, const Matching& matching) {
    return Order(before, after, matching).all();
}

}  // namespace pvsplan::diff
