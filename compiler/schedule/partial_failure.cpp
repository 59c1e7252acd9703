#include "compiler/schedule/partial_failure.hpp"

#include <algorithm>

#include "compiler/schedule/reach.hpp"

namespace pvsplan::schedule {

using graph::no_index;

PartialFailure::PartialFailure(const Facts& facts, const GuardAssignment& assignment,
                               const std::vector<std::span<const Index>>& rows, std::size_t max_scenarios)
    : facts_(facts), max_scenarios_(max_scenarios), scenarios_{{}} {
    if (facts.instances.empty()) return;
    look_for_instances(rows);
    if (touched_.empty()) return;
    look_for_stops(assignment);
    compare_nodes();
    // The scenario without failures is there already, as the first one.
    for (FailureScenario& scenario : scenarios_continuing(no_index))
        if (!scenario.empty()) scenarios_.push_back(std::move(scenario));
}

PartialFailure::Instance PartialFailure::around(Instance instance) const {
    for (Instance i = facts_.instances[instance].parent; i != no_index; i = facts_.instances[i].parent)
        if (facts_.may_be_abandoned(i)) return i;
    return no_index;
}

// The iteration that is abandoned when this node fails.
PartialFailure::Instance PartialFailure::abandoned_with(Index node) const {
    const Instance i = facts_.instance[node];
    if (i == no_index || facts_.may_be_abandoned(i)) return i;
    return around(i);
}

// Iterations are kept by the loop that they are of, so that the failures of one loop can be counted.
const PartialFailure::Touched& PartialFailure::touched(Instance instance) const {
    const graph::LoopInstance& one = facts_.instances[instance];
    return touched_.at({one.parent, one.loop}).at(instance);
}

// Only iterations that may be abandoned and hold a node of some row: no other failure changes what is asked.
void PartialFailure::look_for_instances(const std::vector<std::span<const Index>>& rows) {
    for (std::size_t row = 0; row < rows.size(); ++row)
        for (const Index node : rows[row]) {
            bool is_inner = false;
            // All iterations around the node: a failure may abandon any of them, the outer ones through `max_failures`.
            for (Instance i = facts_.instance[node]; i != no_index; i = facts_.instances[i].parent) {
                const graph::LoopInstance& instance = facts_.instances[i];
                if (facts_.loops[instance.loop].max_failures == 0) continue;
                is_nested_ = is_nested_ || is_inner;
                is_inner = true;
                Touched& touched = touched_[{instance.parent, instance.loop}][i];
                touched.nodes.insert(node);
                touched.rows.insert(row);
            }
        }
    for (const auto& [scope, instances] : touched_) inside_[around(instances.begin()->first)].push_back(scope);
}

// A failure before a touched node has the same effect on the states as a failure of that node if both abandon the same
// iteration, so only the touched nodes have to be considered. With nested loops that does not hold: there each node
// counts.
void PartialFailure::look_for_stops(const GuardAssignment& assignment) {
    for (auto& [scope, instances] : touched_)
        for (auto& [instance, touched] : instances)
            for (const Index node : touched.nodes)
                if (abandoned_with(node) == instance) touched.stops.insert(node);
    if (!is_nested_) return;
    for (Index node = 0; node < facts_.size(); ++node) {
        const Instance instance = abandoned_with(node);
        if (!facts_.is_action[node] || !assignment.has(facts_, node) || instance == no_index ||
            !inside_.contains(instance))
            continue;
        const graph::LoopInstance& one = facts_.instances[instance];
        Touched& touched = touched_.at({one.parent, one.loop}).at(instance);
        for (Instance i = instance; i != no_index; i = around(i)) {
            const graph::LoopInstance& outer = facts_.instances[i];
            touched_.at({outer.parent, outer.loop}).at(i).nodes.insert(node);
        }
        touched.stops.insert(node);
    }
}

// Only nodes of one iteration are compared: of others the failure does not decide.
void PartialFailure::compare_nodes() {
    std::vector<Pair> pairs;
    for (const auto& [scope, instances] : touched_)
        for (const auto& [instance, touched] : instances)
            for (const Index a : touched.nodes)
                for (const Index b : touched.nodes)
                    if (a < b) pairs.push_back({a, b});
    const std::vector<bool> is_before = reach(facts_, pairs);
    for (std::size_t i = 0; i < pairs.size(); ++i)
        if (is_before[i]) before_.insert({pairs[i].before, pairs[i].after});
}

// Each of the ones with each of the others. Cut at the bound, which `are_all_` then tells.
std::vector<FailureScenario> PartialFailure::both(const std::vector<FailureScenario>& some,
                                                  const std::vector<FailureScenario>& others) {
    std::vector<FailureScenario> all;
    for (const FailureScenario& one : some)
        for (const FailureScenario& other : others) {
            if (all.size() == max_scenarios_) {
                are_all_ = false;
                return all;
            }
            all.push_back(one);
            all.back().insert(all.back().end(), other.begin(), other.end());
        }
    return all;
}

// The loops of an iteration fail independently of each other, so each choice of one goes with each of the next.
std::vector<FailureScenario> PartialFailure::scenarios_continuing(Instance instance) {
    std::vector<FailureScenario> scenarios{{}};
    const auto inside = inside_.find(instance);
    if (inside == inside_.end()) return scenarios;
    for (const Scope& scope : inside->second) {
        const std::size_t size =
            std::min<std::size_t>(touched_.at(scope).size(), facts_.loops[scope.second].max_failures);
        std::vector<FailureScenario> through;
        // Without nesting only the maximal number matters: an iteration that is abandoned at its last touched node has
        // all the states that it has when it continues.
        for (std::size_t abandoned = is_nested_ ? 0 : size; abandoned <= size; ++abandoned) {
            std::vector<FailureScenario> more = scenarios_of_loop(scope, abandoned);
            through.insert(through.end(), more.begin(), more.end());
        }
        scenarios = both(scenarios, through);
    }
    return scenarios;
}

// All choices of so many iterations, the first ones first: prev_permutation begins with the greatest arrangement and
// leaves none out. None if fewer can be abandoned.
std::vector<FailureScenario> PartialFailure::scenarios_of_loop(Scope scope, std::size_t abandoned) {
    static constexpr std::size_t max_together = 6;
    if (abandoned > max_together) abandoned = max_together, are_all_ = false;
    std::vector<std::vector<FailureScenario>> when_abandoned;   // of each iteration that can be abandoned
    std::vector<std::vector<FailureScenario>> when_continuing;  // parallel
    std::vector<FailureScenario> others{{}};                    // the combined scenarios of those that cannot
    for (const auto& [instance, touched] : touched_.at(scope)) {
        std::vector<FailureScenario> scenarios =
            abandoned == 0 ? std::vector<FailureScenario>() : scenarios_abandoning(instance);
        std::vector<FailureScenario> on =
            inside_.contains(instance) ? scenarios_continuing(instance) : std::vector<FailureScenario>{{}};
        if (scenarios.empty()) {
            if (inside_.contains(instance)) others = both(others, on);
            continue;
        }
        when_abandoned.push_back(std::move(scenarios));
        when_continuing.push_back(std::move(on));
    }
    if (when_abandoned.size() < abandoned) return {};
    std::vector<bool> is_abandoned(when_abandoned.size(), false);
    std::fill(is_abandoned.begin(), is_abandoned.begin() + static_cast<std::ptrdiff_t>(abandoned), true);
    std::vector<FailureScenario> all;
    do {
        std::vector<FailureScenario> scenarios = others;
        for (std::size_t i = 0; i < is_abandoned.size(); ++i)
            if (is_abandoned[i] || is_nested_)
                scenarios = both(scenarios, is_abandoned[i] ? when_abandoned[i] : when_continuing[i]);
        all.insert(all.end(), scenarios.begin(), scenarios.end());
        if (all.size() <= max_scenarios_) continue;
        are_all_ = false;
        all.resize(max_scenarios_);
        break;
    } while (std::prev_permutation(is_abandoned.begin(), is_abandoned.end()));
    return all;
}

// An iteration stops at a node of its own, or at a loop inside of it that has more failures than it may: then all nodes
// that failed there stop it together.
std::vector<FailureScenario> PartialFailure::scenarios_abandoning(Instance instance) {
    std::vector<FailureScenario> scenarios;
    const std::vector<FailureScenario> on = scenarios_continuing(instance);
    for (const Index node : touched(instance).stops)
        for (const FailureScenario& scenario : on) add_stops(scenarios, scenario, instance, {node});
    const auto inside = inside_.find(instance);
    if (inside == inside_.end()) return scenarios;
    for (const Scope& scope : inside->second) {
        const std::size_t too_many = facts_.loops[scope.second].max_failures + std::size_t{1};
        if (touched_.at(scope).size() < too_many) continue;
        for (const FailureScenario& scenario : scenarios_of_loop(scope, too_many)) {
            std::vector<Index> nodes;
            for (const AbandonedIteration& stop : scenario)
                if (Scope{facts_.instances[stop.instance].parent, facts_.instances[stop.instance].loop} == scope)
                    nodes.insert(nodes.end(), stop.nodes.begin(), stop.nodes.end());
            add_stops(scenarios, scenario, instance, nodes);
        }
    }
    if (scenarios.size() > max_scenarios_) are_all_ = false, scenarios.resize(max_scenarios_);
    return scenarios;
}

// Adds a scenario for every set of concurrent nodes that may be done when the iteration stops at `nodes`.
void PartialFailure::add_stops(std::vector<FailureScenario>& scenarios, const FailureScenario& scenario,
                               Instance instance, const std::vector<Index>& nodes) {
    std::vector<Index> concurrent;
    for (const Index other : touched(instance).nodes)
        if (std::none_of(nodes.begin(), nodes.end(), [&](Index node) {
                return other == node || before_.contains({other, node}) || before_.contains({node, other});
            }))
            concurrent.push_back(other);
    static constexpr std::size_t max_concurrent = 6;
    if (concurrent.size() > max_concurrent) concurrent.resize(max_concurrent), are_all_ = false;
    for (std::uint32_t done = 0; done < (1U << concurrent.size()); ++done) {
        AbandonedIteration stop{instance, nodes, {}};
        bool is_possible = true;
        for (std::size_t i = 0; i < concurrent.size(); ++i) {
            if ((done >> i & 1U) == 0) continue;
            stop.concurrent.push_back(concurrent[i]);
            for (std::size_t j = 0; j < i; ++j)
                is_possible =
                    // What is done has all that comes before it done as well. The nodes ascend, so a predecessor has a
                    // smaller index.
                    is_possible && ((done >> j & 1U) != 0 || !before_.contains({concurrent[j], concurrent[i]}));
        }
        if (!is_possible) continue;
        scenarios.push_back(scenario);
        scenarios.back().push_back(std::move(stop));
    }
}

std::vector<Index> failed_in(const FailureScenario& scenario) {
    std::set<Index> nodes;
    for (const AbandonedIteration& stop : scenario) nodes.insert(stop.nodes.begin(), stop.nodes.end());
    return {nodes.begin(), nodes.end()};
}

// What failed may have happened; what comes before it has, what comes after it has not. What is concurrent with it has
// only where the scenario says so.
std::vector<Effect> PartialFailure::effects(std::span<const Index> nodes, const FailureScenario& scenario) const {
    std::vector<Effect> effects(nodes.size(), Effect::happens);
    for (std::size_t i = 0; i < effects.size(); ++i)
        for (const AbandonedIteration& stop : scenario) {
            const Index node = nodes[i];
            if (!facts_.is_in(node, stop.instance) || effects[i] == Effect::does_not_happen) continue;
            const auto is_any = [&](const auto& holds) {
                return std::any_of(stop.nodes.begin(), stop.nodes.end(), holds);
            };
            if (is_any([&](Index at) { return at == node; }))
                effects[i] = Effect::may_happen;
            else if (is_any([&](Index at) { return before_.contains({node, at}); }))
                continue;
            else if (is_any([&](Index at) { return before_.contains({at, node}); }))
                effects[i] = Effect::does_not_happen;
            else if (std::find(stop.concurrent.begin(), stop.concurrent.end(), node) == stop.concurrent.end())
                effects[i] = Effect::does_not_happen;
        }
    return effects;
}

// Coarser than any scenario: each change in an iteration that may be abandoned may happen or not, by itself.
std::vector<Effect> PartialFailure::open_effects(std::span<const Index> nodes) const {
    std::vector<Effect> effects;
    for (const Index node : nodes)
        effects.push_back(abandoned_with(node) == no_index ? Effect::happens : Effect::may_happen);
    return effects;
}

std::set<std::size_t> PartialFailure::rows_touched(const FailureScenario& scenario) const {
    std::set<std::size_t> rows;
    for (const AbandonedIteration& stop : scenario)
        rows.insert(touched(stop.instance).rows.begin(), touched(stop.instance).rows.end());
    return rows;
}

std::set<std::size_t> PartialFailure::rows_touched() const {
    std::set<std::size_t> rows;
    for (const auto& [scope, instances] : touched_)
        for (const auto& [instance, touched] : instances) rows.insert(touched.rows.begin(), touched.rows.end());
    return rows;
}

// For each loop the iterations with the most rows, as many as it may abandon. With nested loops all rows.
std::size_t PartialFailure::max_rows() const {
    if (is_nested_) return rows_touched().size();
    std::size_t most = 0;
    for (const auto& [scope, instances] : touched_) {
        std::vector<std::size_t> sizes;
        for (const auto& [instance, touched] : instances) sizes.push_back(touched.rows.size());
        std::sort(sizes.rbegin(), sizes.rend());
        for (std::size_t i = 0; i < sizes.size() && i < facts_.loops[scope.second].max_failures; ++i) most += sizes[i];
    }
    return most;
}

}  // namespace pvsplan::schedule
