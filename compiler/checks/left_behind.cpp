#include "compiler/checks/left_behind.hpp"

#include <algorithm>

#include "compiler/checks/reach.hpp"

namespace pvsplan::checks {

using graph::no_index;

LeftBehind::LeftBehind(const Facts& facts, const World& world, const std::vector<std::span<const Index>>& rows,
                       std::size_t most)
    : facts_(facts), most_(most), ways_{{}} {
    if (facts.instances.empty()) return;
    look_for_instances(rows);
    if (touched_.empty()) return;
    look_for_stops(world);
    compare_nodes();
    for (Way& way : ways_on(no_index))
        if (!way.empty()) ways_.push_back(std::move(way));
}

LeftBehind::Instance LeftBehind::around(Instance instance) const {
    for (Instance i = facts_.instances[instance].parent; i != no_index; i = facts_.instances[i].parent)
        if (facts_.may_be_left(i)) return i;
    return no_index;
}

// The instance that is left behind when this node fails.
LeftBehind::Instance LeftBehind::left_with(Index node) const {
    const Instance i = facts_.instance[node];
    if (i == no_index || facts_.may_be_left(i)) return i;
    return around(i);
}

const LeftBehind::Touched& LeftBehind::touched(Instance instance) const {
    const graph::LoopInstance& one = facts_.instances[instance];
    return touched_.at({one.parent, one.loop}).at(instance);
}

void LeftBehind::look_for_instances(const std::vector<std::span<const Index>>& rows) {
    for (std::size_t row = 0; row < rows.size(); ++row)
        for (const Index node : rows[row]) {
            bool is_inner = false;
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

// What fails before a node that is touched does to the states as much as that one, if both leave the same instance
// behind. Around inner loops that is not so: there each node counts.
void LeftBehind::look_for_stops(const World& world) {
    for (auto& [scope, instances] : touched_)
        for (auto& [instance, touched] : instances)
            for (const Index node : touched.nodes)
                if (left_with(node) == instance) touched.stops.insert(node);
    if (!is_nested_) return;
    for (Index node = 0; node < facts_.size(); ++node) {
        const Instance instance = left_with(node);
        if (!facts_.is_action[node] || !world.has(facts_, node) || instance == no_index || !inside_.contains(instance))
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

void LeftBehind::compare_nodes() {
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

std::vector<Way> LeftBehind::both(const std::vector<Way>& some, const std::vector<Way>& others) {
    std::vector<Way> all;
    for (const Way& one : some)
        for (const Way& other : others) {
            if (all.size() == most_) {
                are_all_ = false;
                return all;
            }
            all.push_back(one);
            all.back().insert(all.back().end(), other.begin(), other.end());
        }
    return all;
}

std::vector<Way> LeftBehind::ways_on(Instance instance) {
    std::vector<Way> ways{{}};
    const auto inside = inside_.find(instance);
    if (inside == inside_.end()) return ways;
    for (const Scope& scope : inside->second) {
        const std::size_t size =
            std::min<std::size_t>(touched_.at(scope).size(), facts_.loops[scope.second].max_failures);
        std::vector<Way> through;
        // Leaving one more behind, at the last that it does, takes nothing away from what may be.
        for (std::size_t lost = is_nested_ ? 0 : size; lost <= size; ++lost) {
            std::vector<Way> more = ways_through(scope, lost);
            through.insert(through.end(), more.begin(), more.end());
        }
        ways = both(ways, through);
    }
    return ways;
}

std::vector<Way> LeftBehind::ways_through(Scope scope, std::size_t lost) {
    static constexpr std::size_t most_together = 6;
    if (lost > most_together) lost = most_together, are_all_ = false;
    std::vector<std::vector<Way>> when_lost;  // of each instance that can be
    std::vector<std::vector<Way>> when_on;    // parallel
    std::vector<Way> others{{}};              // what goes on in those that cannot
    for (const auto& [instance, touched] : touched_.at(scope)) {
        std::vector<Way> ways = lost == 0 ? std::vector<Way>() : ways_lost(instance);
        std::vector<Way> on = inside_.contains(instance) ? ways_on(instance) : std::vector<Way>{{}};
        if (ways.empty()) {
            if (inside_.contains(instance)) others = both(others, on);
            continue;
        }
        when_lost.push_back(std::move(ways));
        when_on.push_back(std::move(on));
    }
    if (when_lost.size() < lost) return {};
    std::vector<bool> is_lost(when_lost.size(), false);
    std::fill(is_lost.begin(), is_lost.begin() + static_cast<std::ptrdiff_t>(lost), true);
    std::vector<Way> all;
    do {
        std::vector<Way> ways = others;
        for (std::size_t i = 0; i < is_lost.size(); ++i)
            if (is_lost[i] || is_nested_) ways = both(ways, is_lost[i] ? when_lost[i] : when_on[i]);
        all.insert(all.end(), ways.begin(), ways.end());
        if (all.size() <= most_) continue;
        are_all_ = false;
        all.resize(most_);
        break;
    } while (std::prev_permutation(is_lost.begin(), is_lost.end()));
    return all;
}

std::vector<Way> LeftBehind::ways_lost(Instance instance) {
    std::vector<Way> ways;
    const std::vector<Way> on = ways_on(instance);
    for (const Index node : touched(instance).stops)
        for (const Way& way : on) add_stops(ways, way, instance, {node});
    const auto inside = inside_.find(instance);
    if (inside == inside_.end()) return ways;
    for (const Scope& scope : inside->second) {
        const std::size_t too_many = facts_.loops[scope.second].max_failures + std::size_t{1};
        if (touched_.at(scope).size() < too_many) continue;
        for (const Way& way : ways_through(scope, too_many)) {
            std::vector<Index> nodes;
            for (const Stop& stop : way)
                if (Scope{facts_.instances[stop.instance].parent, facts_.instances[stop.instance].loop} == scope)
                    nodes.insert(nodes.end(), stop.nodes.begin(), stop.nodes.end());
            add_stops(ways, way, instance, nodes);
        }
    }
    if (ways.size() > most_) are_all_ = false, ways.resize(most_);
    return ways;
}

// With whatever may be done of what is beside the nodes of a stop.
void LeftBehind::add_stops(std::vector<Way>& ways, const Way& way, Instance instance, const std::vector<Index>& nodes) {
    std::vector<Index> beside;
    for (const Index other : touched(instance).nodes)
        if (std::none_of(nodes.begin(), nodes.end(), [&](Index node) {
                return other == node || comes_before(other, node) || comes_before(node, other);
            }))
            beside.push_back(other);
    static constexpr std::size_t most_beside = 6;
    if (beside.size() > most_beside) beside.resize(most_beside), are_all_ = false;
    for (std::uint32_t done = 0; done < (1U << beside.size()); ++done) {
        Stop stop{instance, nodes, {}};
        bool is_possible = true;
        for (std::size_t i = 0; i < beside.size(); ++i) {
            if ((done >> i & 1U) == 0) continue;
            stop.beside.push_back(beside[i]);
            for (std::size_t j = 0; j < i; ++j)
                is_possible = is_possible && ((done >> j & 1U) != 0 || !comes_before(beside[j], beside[i]));
        }
        if (!is_possible) continue;
        ways.push_back(way);
        ways.back().push_back(std::move(stop));
    }
}

std::vector<Index> LeftBehind::failed(const Way& way) {
    std::set<Index> nodes;
    for (const Stop& stop : way) nodes.insert(stop.nodes.begin(), stop.nodes.end());
    return {nodes.begin(), nodes.end()};
}

std::vector<Fate> LeftBehind::fates(std::span<const Index> nodes, const Way& way) const {
    std::vector<Fate> fates(nodes.size(), Fate::comes_about);
    for (std::size_t i = 0; i < fates.size(); ++i)
        for (const Stop& stop : way) {
            const Index node = nodes[i];
            if (!facts_.is_in(node, stop.instance) || fates[i] == Fate::left_out) continue;
            const auto is_any = [&](const auto& holds) {
                return std::any_of(stop.nodes.begin(), stop.nodes.end(), holds);
            };
            if (is_any([&](Index at) { return at == node; }))
                fates[i] = Fate::may_have;
            else if (is_any([&](Index at) { return comes_before(node, at); }))
                continue;
            else if (is_any([&](Index at) { return comes_before(at, node); }))
                fates[i] = Fate::left_out;
            else if (std::find(stop.beside.begin(), stop.beside.end(), node) == stop.beside.end())
                fates[i] = Fate::left_out;
        }
    return fates;
}

std::vector<Fate> LeftBehind::open_fates(std::span<const Index> nodes) const {
    std::vector<Fate> fates;
    for (const Index node : nodes) fates.push_back(left_with(node) == no_index ? Fate::comes_about : Fate::may_have);
    return fates;
}

std::set<std::size_t> LeftBehind::rows_touched(const Way& way) const {
    std::set<std::size_t> rows;
    for (const Stop& stop : way) rows.insert(touched(stop.instance).rows.begin(), touched(stop.instance).rows.end());
    return rows;
}

std::set<std::size_t> LeftBehind::rows_touched() const {
    std::set<std::size_t> rows;
    for (const auto& [scope, instances] : touched_)
        for (const auto& [instance, touched] : instances) rows.insert(touched.rows.begin(), touched.rows.end());
    return rows;
}

std::size_t LeftBehind::most_rows() const {
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

}  // namespace pvsplan::checks
