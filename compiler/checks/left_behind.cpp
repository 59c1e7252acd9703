#include "compiler/checks/left_behind.hpp"

#include <algorithm>

#include "compiler/checks/reach.hpp"

namespace pvsplan::checks {

using graph::no_index;

LeftBehind::LeftBehind(const Facts& facts, const std::vector<std::vector<Index>>& rows, std::size_t most)
    : facts_(facts), ways_{{}} {
    if (facts.instances.empty()) return;
    look_for_instances(rows);
    if (!touched_.empty()) choose_ways(most);
}

bool LeftBehind::is_in(Index node, Instance instance) const {
    for (Instance i = facts_.instance[node]; i != no_index; i = facts_.instances[i].parent)
        if (i == instance) return true;
    return false;
}

// The instance that is left behind when this node fails.
LeftBehind::Instance LeftBehind::left_with(Index node) const {
    for (Instance i = facts_.instance[node]; i != no_index; i = facts_.instances[i].parent)
        if (facts_.loops[facts_.instances[i].loop].max_failures > 0) return i;
    return no_index;
}

const LeftBehind::Touched& LeftBehind::touched(Instance instance) const {
    const graph::LoopInstance& one = facts_.instances[instance];
    return touched_.at({one.parent, one.loop}).at(instance);
}

void LeftBehind::look_for_instances(const std::vector<std::vector<Index>>& rows) {
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
    are_all_ = !is_nested_;
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

std::size_t LeftBehind::beside(Index node, Instance instance) const {
    const std::set<Index>& nodes = touched(instance).nodes;
    return static_cast<std::size_t>(std::count_if(nodes.begin(), nodes.end(), [&](Index other) {
        return other != node && !comes_before(other, node) && !comes_before(node, other);
    }));
}

// Where these instances can be left behind, one stop of each.
std::vector<LeftBehind::Way> LeftBehind::stops(const std::vector<Instance>& instances) {
    std::vector<Way> ways{{}};
    for (const Instance instance : instances) {
        std::vector<Way> longer;
        for (const Index node : touched(instance).nodes) {
            if (left_with(node) != instance) continue;
            const std::size_t others = beside(node, instance);
            are_all_ = are_all_ && others < 2;  // each may come about for itself
            for (const Fate beside : {Fate::comes_about, Fate::left_out}) {
                if (beside == Fate::left_out && others == 0) continue;
                for (const Way& way : ways) {
                    longer.push_back(way);
                    longer.back().push_back({instance, node, beside});
                }
            }
        }
        if (!longer.empty()) ways = std::move(longer);
    }
    return ways;
}

// Leaving one more behind, at the last that it does, takes nothing away from what may be: only the largest choices are
// looked at.
void LeftBehind::choose_ways(std::size_t most) {
    static constexpr std::size_t most_together = 6;
    std::vector<Way> ways{{}};
    for (const auto& [scope, instances] : touched_) {
        std::vector<Instance> all;
        for (const auto& [instance, touched] : instances) all.push_back(instance);
        std::size_t size = std::min<std::size_t>(all.size(), facts_.loops[scope.second].max_failures);
        if (size > most_together) size = most_together, are_all_ = false;
        std::vector<Way> longer;
        std::vector<bool> is_chosen(all.size(), false);
        std::fill(is_chosen.begin(), is_chosen.begin() + static_cast<std::ptrdiff_t>(size), true);
        do {
            std::vector<Instance> chosen;
            for (std::size_t i = 0; i < all.size() && chosen.size() < size; ++i)
                if (is_chosen[i]) chosen.push_back(all[i]);
            for (const Way& stops : this->stops(chosen))
                for (const Way& way : ways) {
                    longer.push_back(way);
                    longer.back().insert(longer.back().end(), stops.begin(), stops.end());
                }
            if (longer.size() <= most) continue;
            are_all_ = false;
            longer.resize(most);
            break;
        } while (std::prev_permutation(is_chosen.begin(), is_chosen.end()));
        ways = std::move(longer);
    }
    for (Way& way : ways)
        if (!way.empty()) ways_.push_back(std::move(way));
}

std::vector<Fate> LeftBehind::fates(std::span<const Index> nodes, const Way& way) const {
    std::vector<Fate> fates(nodes.size(), Fate::comes_about);
    for (std::size_t i = 0; i < fates.size(); ++i)
        for (const Stop& stop : way) {
            if (!is_in(nodes[i], stop.instance) || comes_before(nodes[i], stop.node)) continue;
            fates[i] = nodes[i] == stop.node               ? Fate::may_have
                       : comes_before(stop.node, nodes[i]) ? Fate::left_out
                                                           : stop.beside;
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
