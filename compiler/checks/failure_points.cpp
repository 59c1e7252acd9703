#include "compiler/checks/failure_points.hpp"

#include <algorithm>

namespace pvsplan::checks {
namespace {

using graph::Facts;
using graph::Index;

// A depth-first search: at depth k the node at position k takes each state that its predecessors allow. Positions
// ascend along a topological order, so all predecessors have been assigned by then.
class Walk {
  public:
    Walk(const FailureGroup& group, std::size_t max_looks, const std::function<bool(const FailurePoint&)>& look)
        : facts_(group.facts),
          nodes_(group.nodes),
          parts_(group.parts),
          others_(group.others),
          max_looks_(max_looks),
          look_(look) {
        point_.stands.assign(nodes_.size(), Stand::not_started);
        point_.there.assign(nodes_.size(), 0);
        for (const Index node : nodes_) {
            for (const Index before : facts_.predecessors[node])
                if (const auto at = std::lower_bound(nodes_.begin(), nodes_.end(), before);
                    at != nodes_.end() && *at == before)
                    before_.items.push_back(static_cast<Index>(at - nodes_.begin()));
            before_.starts.push_back(static_cast<std::uint32_t>(before_.items.size()));
            for (graph::GuardIndex g = facts_.guard[node]; g != graph::no_guard; g = facts_.guards[g].parent)
                variables_.push_back(facts_.guards[g].variable);
        }
        std::sort(variables_.begin(), variables_.end());
        variables_.erase(std::unique(variables_.begin(), variables_.end()), variables_.end());
    }

    Seen run() {
        // With more there are too many points in any case.
        static constexpr std::size_t max_variables = 16;
        if (variables_.size() > max_variables) return Seen::too_many;
        for (const Index node : nodes_)
            if (facts_.sets[node].size() > max_sets) return Seen::too_many;
        // First the points at which a step has failed: they find most, and the search ends at the first finding.
        for (const bool failures : {true, false})
            for (truths_ = 0; truths_ < (1U << variables_.size()); ++truths_) {
                if (!can_be()) continue;
                if (const Seen seen = walk(failures); seen != Seen::all) return seen;
            }
        return Seen::all;
    }

  private:
    static constexpr std::size_t max_sets = 24;  // of one action: each part of them is an outcome of its failure

    // Whether the truths of the conditions can occur together: `x == 1` and `x == 2` cannot both hold.
    [[nodiscard]] bool can_be() const {
        graph::GuardValues values;
        for (std::size_t i = 0; i < variables_.size(); ++i)
            values.emplace_back(variables_[i], (truths_ >> i & 1U) != 0);
        return facts_.guard_domain.can_be(values);
    }

    // Counts through the choices like a number whose last digit changes fastest. A later node's choices depend on those
    // before it, so that all behind the digit that changes are chosen anew.
    Seen walk(bool failures) {
        const std::size_t size = nodes_.size();
        std::vector<std::uint32_t> choice(size, 0);
        for (std::size_t k = 0;;) {
            for (; k < size; ++k) choose(k, choice[k] = 0);
            // A point where nothing was done needs no rollback.
            if (point_.has(Stand::failed) == failures && (failures || point_.has(Stand::done))) {
                if (looked_++ == max_looks_) return Seen::too_many;
                if (!look_(point_)) return Seen::stopped;
            }
            do {
                if (k == 0) return Seen::all;
                --k;
            } while (++choice[k] >= choices(k));
            choose(k, choice[k]);
            ++k;
        }
    }

    [[nodiscard]] bool holds(graph::GuardIndex guard) const {
        for (; guard != graph::no_guard; guard = facts_.guards[guard].parent) {
            const auto at = std::lower_bound(variables_.begin(), variables_.end(), facts_.guards[guard].variable);
            if (((truths_ >> (at - variables_.begin()) & 1U) != 0) != facts_.guards[guard].value) return false;
        }
        return true;
    }
    // Predecessors outside of the group are over when it begins, so only its own are asked.
    [[nodiscard]] bool can_start(std::size_t k) const {
        const auto before = before_[static_cast<Index>(k)];
        return std::all_of(before.begin(), before.end(), [&](Index p) {
            return point_.stands[p] == Stand::done || point_.stands[p] == Stand::skipped;
        });
    }

    // Done, not started, and failed with each part of its changes or each of the other outcomes. What cannot start, and
    // a join, leave no choice.
    [[nodiscard]] std::uint64_t choices(std::size_t k) const {
        if (!can_start(k) || parts_[k] == Part::join || !holds(facts_.guard[nodes_[k]])) return 1;
        if (parts_[k] == Part::approval) return 2;
        const std::size_t sets = facts_.sets[nodes_[k]].size();
        return 2 + (std::uint64_t{1} << sets) + others_[k];
    }
    // Choice 0 is done, 1 is not started; from 2 on it has failed, and the number says which part of its changes is
    // there.
    void choose(std::size_t k, std::uint32_t choice) {
        Stand& stand = point_.stands[k];
        if (!can_start(k))
            stand = Stand::not_started;
        else if (!holds(facts_.guard[nodes_[k]]))
            stand = Stand::skipped;
        else
            stand = choice == 0 ? Stand::done : choice == 1 ? Stand::not_started : Stand::failed;
        point_.there[k] = stand == Stand::failed ? choice - 2 : 0;
    }

    const Facts& facts_;
    const std::vector<Index>& nodes_;
    const std::vector<Part>& parts_;
    const std::vector<std::uint32_t>& others_;
    std::size_t max_looks_;
    const std::function<bool(const FailurePoint&)>& look_;
    graph::Rows<Index> before_;             // by position: the positions of its predecessors
    std::vector<std::uint32_t> variables_;  // of the guards of the group
    std::uint32_t truths_ = 0;              // a bit for each
    FailurePoint point_;
    std::size_t looked_ = 0;
};

}  // namespace

bool FailurePoint::has(Stand stand) const { return std::find(stands.begin(), stands.end(), stand) != stands.end(); }

Seen for_each_failure_point(const FailureGroup& group, std::size_t max_looks,
                            const std::function<bool(const FailurePoint&)>& look) {
    return Walk(group, max_looks, look).run();
}

}  // namespace pvsplan::checks
