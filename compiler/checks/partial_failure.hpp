// Which instances of loops that go on after a failure can be left behind together, and what that does to some nodes.
#pragma once

#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "compiler/checks/schedule.hpp"
#include "compiler/checks/timeline.hpp"

namespace pvsplan::checks {

class PartialFailure {
  public:
    // Of interest is what becomes of `nodes`, row by row; at most `most` ways are tried.
    PartialFailure(const Facts& facts, const GuardAssignment& assignment,
                   const std::vector<std::span<const Index>>& rows, std::size_t most);

    // As many at once as may be; the first is that nothing fails. An instance is left behind when a node of it fails,
    // or when more instances of a loop in it have failed than may.
    [[nodiscard]] const std::vector<FailureScenario>& scenarios() const { return ways_; }
    [[nodiscard]] bool are_all() const { return are_all_; }
    [[nodiscard]] bool is_none() const { return touched_.empty(); }

    [[nodiscard]] std::vector<Effect> effects(std::span<const Index> nodes, const FailureScenario& scenario) const;
    // As if whatever may be left behind were, anywhere: no way leads further.
    [[nodiscard]] std::vector<Effect> open_effects(std::span<const Index> nodes) const;
    [[nodiscard]] std::set<std::size_t> rows_touched(const FailureScenario& scenario) const;
    [[nodiscard]] std::set<std::size_t> rows_touched() const;
    // No more rows than this are touched in one run.
    [[nodiscard]] std::size_t max_rows() const;

    [[nodiscard]] static std::vector<Index> failed(const FailureScenario& scenario);  // ascending

  private:
    using Instance = std::uint32_t;
    using Scope = std::pair<Instance, std::uint32_t>;  // a loop, in an instance around it
    struct Touched {
        std::set<Index> nodes;
        std::set<Index> stops;  // where it can fail by itself, as far as that makes a difference
        std::set<std::size_t> rows;
    };

    void look_for_instances(const std::vector<std::span<const Index>>& rows);
    void look_for_stops(const GuardAssignment& assignment);
    void compare_nodes();
    // In which an instance (no_index: the plan) carries on, or is left behind.
    [[nodiscard]] std::vector<FailureScenario> ways_on(Instance instance);
    [[nodiscard]] std::vector<FailureScenario> ways_lost(Instance instance);
    // In which `lost` of the instances of a loop are left behind.
    [[nodiscard]] std::vector<FailureScenario> ways_through(Scope scope, std::size_t lost);
    [[nodiscard]] std::vector<FailureScenario> both(const std::vector<FailureScenario>& some,
                                                    const std::vector<FailureScenario>& others);
    void add_stops(std::vector<FailureScenario>& scenarios, const FailureScenario& scenario, Instance instance,
                   const std::vector<Index>& nodes);
    [[nodiscard]] const Touched& touched(Instance instance) const;
    [[nodiscard]] Instance around(Instance instance) const;  // the next one that may be left behind, or no_index
    [[nodiscard]] Instance left_with(Index node) const;
    [[nodiscard]] bool comes_before(Index a, Index b) const { return before_.contains({a, b}); }

    const Facts& facts_;
    std::size_t most_;
    std::map<Scope, std::map<Instance, Touched>> touched_;
    std::map<Instance, std::vector<Scope>> inside_;  // by instance, or no_index: the loops next inside
    std::set<std::pair<Index, Index>> before_;       // nodes of one instance that come one before the other
    bool is_nested_ = false;                         // an instance that may be left behind is in another one
    bool are_all_ = true;
    std::vector<FailureScenario> ways_;
};

}  // namespace pvsplan::checks
