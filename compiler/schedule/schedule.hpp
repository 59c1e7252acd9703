// Schedules for witnesses, built move by move; each move is legal.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <vector>

#include "compiler/schedule/guard_assignment.hpp"

namespace pvsplan::schedule {

struct Moment {                                              // an entry of a schedule
    enum class What : std::uint8_t { start, finish, fail };  // fail: its iteration is abandoned, others go on
    What what = What::start;
    std::uint32_t node = 0;
};

// An abandoned iteration of a loop: `nodes` fail, and of the nodes concurrent with them exactly `concurrent` are done.
struct AbandonedIteration {
    std::uint32_t instance;
    std::vector<Index> nodes;
    std::vector<Index> concurrent;
};
using FailureScenario = std::vector<AbandonedIteration>;  // the iterations that one run abandons

class Schedule {
  public:
    // A schedule under one assignment of the run-time conditions. Both arguments must outlive it.
    Schedule(const Facts& facts, const GuardAssignment& assignment)
        : facts_(facts), assignment_(assignment), state_(facts.size(), State::waiting) {}

    // Makes the nodes of each abandoned iteration fail, after the concurrent nodes of it that are done.
    void abandon(FailureScenario scenario);
    // Runs all that has to come before `nodes`, and starts them.
    void start(std::span<const Index> nodes);
    void finish(std::span<const Index> nodes);

    [[nodiscard]] std::vector<Moment> moments() && { return std::move(moments_); }

  private:
    enum class State : std::uint8_t { waiting, running, over };
    void run_before(std::span<const Index> nodes);
    void go(Index node);  // all predecessors are over: it starts and then finishes or fails
    void give_up(Index failed);
    [[nodiscard]] bool is_done_at_all(Index node) const;

    const Facts& facts_;
    const GuardAssignment& assignment_;
    std::vector<State> state_;
    std::set<Index> bound_to_fail_;
    std::set<std::uint32_t> given_up_;  // iterations
    std::vector<Moment> moments_;
};

// A demand: each of `start_first` starts before any of `finish_later` has finished.
struct StartsFirst {
    std::vector<Index> finish_later;
    std::vector<Index> start_first;
};
// A schedule that satisfies all demands: up to the moment at which all of `start_first` have started or, if iterations
// are abandoned, to the end. Nothing if there is none. Linear time: it sorts the starts and finishes of nodes
// topologically, with one extra vertex between the two sides of each demand.
std::optional<std::vector<Moment>> schedule_with(const Facts& facts, const GuardAssignment& assignment,
                                                 const std::vector<StartsFirst>& demands,
                                                 const FailureScenario& scenario = {});

}  // namespace pvsplan::schedule
