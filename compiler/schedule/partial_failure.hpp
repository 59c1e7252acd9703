// Which iterations of loops with `on_failure: continue` can be abandoned in one run, and which effects their nodes then
// have.
#pragma once

#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "compiler/schedule/schedule.hpp"
#include "compiler/schedule/timeline.hpp"

namespace pvsplan::schedule {

// All scenarios are made by the constructor.
class PartialFailure {
  public:
    // Looks only at the effects of the nodes in `rows`; tries at most `max_scenarios` scenarios.
    PartialFailure(const Facts& facts, const GuardAssignment& assignment,
                   const std::vector<std::span<const Index>>& rows, std::size_t max_scenarios);

    // The maximal scenarios; the first one is without failures. An iteration is abandoned when one of its nodes fails,
    // or when a loop in it has more failed iterations than `max_failures`.
    [[nodiscard]] const std::vector<FailureScenario>& scenarios() const { return scenarios_; }
    [[nodiscard]] bool are_all() const { return are_all_; }
    [[nodiscard]] bool is_none() const { return touched_.empty(); }

    // By node: what becomes of it in a run with these failures.
    [[nodiscard]] std::vector<Effect> effects(std::span<const Index> nodes, const FailureScenario& scenario) const;
    // The effects if every iteration that may be abandoned were abandoned, anywhere: an upper bound on all scenarios.
    [[nodiscard]] std::vector<Effect> open_effects(std::span<const Index> nodes) const;
    [[nodiscard]] std::set<std::size_t> rows_touched(const FailureScenario& scenario) const;
    [[nodiscard]] std::set<std::size_t> rows_touched() const;
    // An upper bound on the number of rows that one run touches.
    [[nodiscard]] std::size_t max_rows() const;

  private:
    using Instance = std::uint32_t;
    using Scope = std::pair<Instance, std::uint32_t>;  // a loop, in an iteration around it
    struct Touched {
        std::set<Index> nodes;
        std::set<Index> stops;  // the nodes whose failure has to be considered
        std::set<std::size_t> rows;
    };

    void look_for_instances(const std::vector<std::span<const Index>>& rows);
    void look_for_stops(const GuardAssignment& assignment);
    void compare_nodes();
    // The scenarios in which an iteration (no_index: the plan) continues, and those in which it is abandoned.
    [[nodiscard]] std::vector<FailureScenario> scenarios_continuing(Instance instance);
    [[nodiscard]] std::vector<FailureScenario> scenarios_abandoning(Instance instance);
    // The scenarios in which `abandoned` iterations of a loop are abandoned.
    [[nodiscard]] std::vector<FailureScenario> scenarios_of_loop(Scope scope, std::size_t abandoned);
    [[nodiscard]] std::vector<FailureScenario> both(const std::vector<FailureScenario>& some,
                                                    const std::vector<FailureScenario>& others);
    void add_stops(std::vector<FailureScenario>& scenarios, const FailureScenario& scenario, Instance instance,
                   const std::vector<Index>& nodes);
    [[nodiscard]] const Touched& touched(Instance instance) const;
    [[nodiscard]] Instance around(Instance instance) const;  // the next one that may be abandoned, or no_index
    [[nodiscard]] Instance abandoned_with(Index node) const;

    const Facts& facts_;
    std::size_t max_scenarios_;
    std::map<Scope, std::map<Instance, Touched>> touched_;
    std::map<Instance, std::vector<Scope>> inside_;  // by iteration, or no_index: the loops directly in it
    std::set<std::pair<Index, Index>> before_;       // pairs a ⇝ b of nodes of one iteration
    bool is_nested_ = false;                         // an iteration that may be abandoned is in another one
    bool are_all_ = true;
    std::vector<FailureScenario> scenarios_;
};

// The nodes that fail in a scenario, ascending.
std::vector<Index> failed_in(const FailureScenario& scenario);

}  // namespace pvsplan::schedule
