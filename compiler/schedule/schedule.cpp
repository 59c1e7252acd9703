#include "compiler/schedule/schedule.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "compiler/schedule/reach.hpp"

namespace pvsplan::schedule {

using graph::no_index;

// Sorted by the failing nodes, so that what fails earlier in the plan fails earlier here: a later failure may wait for
// it.
void Schedule::abandon(FailureScenario scenario) {
    for (const AbandonedIteration& stop : scenario) bound_to_fail_.insert(stop.nodes.begin(), stop.nodes.end());
    std::sort(scenario.begin(), scenario.end(),
              [](const AbandonedIteration& a, const AbandonedIteration& b) { return a.nodes < b.nodes; });
    for (const AbandonedIteration& stop : scenario) {
        finish(stop.concurrent);
        start(stop.nodes);
    }
}

// A node does not run if its condition excludes it, or if its iteration has been abandoned.
bool Schedule::is_done_at_all(Index node) const {
    if (!assignment_.has(facts_, node)) return false;
    for (std::uint32_t i = facts_.instance[node]; i != no_index; i = facts_.instances[i].parent)
        if (given_up_.contains(i)) return false;
    return true;
}

// Called in topological order, so that everything before it is over or does not run.
void Schedule::go(Index node) {
    if (state_[node] == State::over) return;
    const State before = std::exchange(state_[node], State::over);
    if (before == State::waiting) {
        if (!is_done_at_all(node)) return;
        moments_.push_back({Moment::What::start, node});
    }
    const bool fails = bound_to_fail_.contains(node);
    moments_.push_back({fails ? Moment::What::fail : Moment::What::finish, node});
    if (fails) give_up(node);
}

// Abandons the iteration of the innermost loop around the node and, where that loop then exceeds `max_failures`, the
// iteration around it, and so on.
void Schedule::give_up(Index failed) {
    for (std::uint32_t i = facts_.instance[failed]; i != no_index; i = facts_.instances[i].parent) {
        given_up_.insert(i);
        const graph::LoopInstance& one = facts_.instances[i];
        const auto failures = std::count_if(given_up_.begin(), given_up_.end(), [&](std::uint32_t other) {
            return facts_.instances[other].parent == one.parent && facts_.instances[other].loop == one.loop;
        });
        if (static_cast<std::size_t>(failures) <= facts_.loops[one.loop].max_failures) return;
    }
}

void Schedule::run_before(std::span<const Index> nodes) {
    for (const Index node : ancestors(facts_, nodes)) go(node);
}

void Schedule::start(std::span<const Index> nodes) {
    run_before(nodes);
    for (const Index node : nodes) {
        if (bound_to_fail_.contains(node)) go(node);
        if (state_[node] != State::waiting || !is_done_at_all(node)) continue;
        // It stays under way until finish() or a node behind it needs it over.
        state_[node] = State::running;
        moments_.push_back({Moment::What::start, node});
    }
}

void Schedule::finish(std::span<const Index> nodes) {
    run_before(nodes);
    for (const Index node : nodes) go(node);
}

namespace {

// Keeps the moments that have to come before the starts that are asked for, and these starts.
std::vector<Moment> up_to_starts(const Facts& facts, const std::vector<StartsFirst>& demands,
                                 const std::vector<Moment>& moments) {
    std::vector<Index> starts;
    for (const StartsFirst& demand : demands)
        starts.insert(starts.end(), demand.start_first.begin(), demand.start_first.end());
    enum class Part : std::uint8_t { none, start, whole };
    std::vector<Part> parts(facts.size(), Part::none);
    for (const Index node : starts) parts[node] = Part::start;
    for (const Index node : ancestors(facts, starts)) parts[node] = Part::whole;
    std::vector<Moment> needed;
    for (const Moment& moment : moments)
        if (parts[moment.node] == Part::whole ||
            (parts[moment.node] == Part::start && moment.what == Moment::What::start))
            needed.push_back(moment);
    return needed;
}

// Nodes that do not run because their iteration is abandoned, and the failures that they wait for.
class ExcludedNodes {
  public:
    ExcludedNodes(const Facts& facts, const FailureScenario& scenario) : facts_(facts) {
        for (const AbandonedIteration& stop : scenario) {
            std::vector<Index> done = stop.nodes;
            done.insert(done.end(), stop.concurrent.begin(), stop.concurrent.end());
            Part part{&stop, std::vector<bool>(facts.size(), false)};
            for (const Index node : done) part.runs[node] = true;
            for (const Index node : ancestors(facts, done)) part.runs[node] = true;
            parts_.push_back(std::move(part));
            failed_.insert(stop.nodes.begin(), stop.nodes.end());
        }
    }
    [[nodiscard]] bool fails(Index node) const { return failed_.contains(node); }
    // The nodes whose failure takes this one out of the run; empty: it runs.
    [[nodiscard]] std::vector<Index> waits_for(Index node) const {
        std::vector<Index> all;
        for (const Part& part : parts_)
            for (std::uint32_t i = facts_.instance[node]; i != no_index; i = facts_.instances[i].parent)
                // A node of the abandoned iteration that is not over by then never starts: it is kept behind the
                // failure.
                if (i == part.stop->instance && !part.runs[node])
                    all.insert(all.end(), part.stop->nodes.begin(), part.stop->nodes.end());
        return all;
    }

  private:
    struct Part {
        const AbandonedIteration* stop;
        std::vector<bool> runs;  // by node: it is over before the iteration is abandoned
    };
    const Facts& facts_;
    std::vector<Part> parts_;
    std::set<Index> failed_;
};

}  // namespace

// Starts are 2n, finishes 2n + 1, and the vertices of the demands come behind these. If a vertex is never ready there
// is a cycle: no schedule satisfies all demands.
std::optional<std::vector<Moment>> schedule_with(const Facts& facts, const GuardAssignment& assignment,
                                                 const std::vector<StartsFirst>& demands,
                                                 const FailureScenario& scenario) {
    const std::size_t nodes = facts.size();
    const auto start = [](Index node) { return std::size_t{2} * node; };
    const auto finish = [](Index node) { return std::size_t{2} * node + 1; };
    // Edges in addition to those of the plan: start → vertex of the demand → finish.
    std::vector<std::vector<std::size_t>> knots_after(nodes);  // by node that starts first
    std::map<Index, std::vector<Index>> excluded_after;        // by node that fails
    std::vector<std::size_t> waits(2 * nodes + demands.size(), 0);
    for (std::size_t d = 0; d < demands.size(); ++d) {
        for (const Index node : demands[d].start_first) knots_after[node].push_back(d);
        for (const Index node : demands[d].finish_later) ++waits[finish(node)];
        waits[2 * nodes + d] = demands[d].start_first.size();
    }
    for (Index node = 0; node < nodes; ++node) {
        waits[start(node)] = facts.predecessors[node].size();
        ++waits[finish(node)];
    }
    const ExcludedNodes excluded(facts, scenario);
    for (Index node = 0; node < nodes; ++node)
        for (const Index failed : excluded.waits_for(node)) {
            excluded_after[failed].push_back(node);
            ++waits[start(node)];
        }
    std::vector<std::size_t> ready;
    for (std::size_t i = waits.size(); i-- > 0;)
        if (waits[i] == 0) ready.push_back(i);
    std::vector<Moment> moments;
    std::size_t done = 0;
    // Kahn's algorithm with a stack: what became ready last goes on first, so that chains stay together.
    const auto release = [&](std::size_t i) {
        if (--waits[i] == 0) ready.push_back(i);
    };
    for (; !ready.empty(); ++done) {
        const std::size_t now = ready.back();
        ready.pop_back();
        // The vertex of a demand: all of its starts have come, so what was to finish later may.
        if (now >= 2 * nodes) {
            for (const Index node : demands[now - 2 * nodes].finish_later) release(finish(node));
            continue;
        }
        const auto node = static_cast<Index>(now / 2);
        const bool is_start = now % 2 == 0;
        if (assignment.has(facts, node) && excluded.waits_for(node).empty())
            moments.push_back({is_start               ? Moment::What::start
                               : excluded.fails(node) ? Moment::What::fail
                                                      : Moment::What::finish,
                               node});
        if (!is_start) {
            if (const auto found = excluded_after.find(node); found != excluded_after.end())
                for (const Index next : found->second) release(start(next));
            for (const Index next : facts.successors[node]) release(start(next));
            continue;
        }
        release(finish(node));
        for (const std::size_t d : knots_after[node]) release(2 * nodes + d);
    }
    if (done < waits.size()) return std::nullopt;
    return scenario.empty() ? up_to_starts(facts, demands, moments) : moments;
}

}  // namespace pvsplan::schedule
