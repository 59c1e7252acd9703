// Schedules that show something: built move by move, each of them legal.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <vector>

#include "compiler/checks/guard_assignment.hpp"
#include "compiler/checks/requirement.hpp"

namespace pvsplan::checks {

// An instance of a loop is left behind: some of its nodes fail, and of what is beside them some has come about.
struct AbandonedIteration {
    std::uint32_t instance;
    std::vector<Index> nodes;
    std::vector<Index> concurrent;
};
using FailureScenario = std::vector<AbandonedIteration>;  // what is left behind together

class Schedule {
  public:
    // In one way in which the run-time conditions turn out; both must outlive it.
    Schedule(const Facts& facts, const GuardAssignment& assignment)
        : facts_(facts), assignment_(assignment), state_(facts.size(), State::waiting) {}

    // Lets the nodes of each stop fail, after what has come about beside them.
    void leave_behind(FailureScenario scenario);
    // Runs what must come first, and starts them.
    void start(std::span<const Index> nodes);
    void finish(std::span<const Index> nodes);

    [[nodiscard]] std::vector<Moment> moments() && { return std::move(moments_); }

  private:
    enum class State : std::uint8_t { waiting, running, over };
    void run_before(std::span<const Index> nodes);
    void go(Index node);  // everything before it is over: it starts and, unless it fails, finishes
    void give_up(Index failed);
    [[nodiscard]] bool is_done_at_all(Index node) const;

    const Facts& facts_;
    const GuardAssignment& assignment_;
    std::vector<State> state_;
    std::set<Index> bound_to_fail_;
    std::set<std::uint32_t> given_up_;  // instances
    std::vector<Moment> moments_;
};

// Each of `start_first` starts before any of `finish_later` has finished.
struct StartsFirst {
    std::vector<Index> finish_later;
    std::vector<Index> start_first;
};
// Until everything of `start_first` has started or, where something is left behind, to the end; nothing if that cannot
// be for all of these. Linear: the starts and finishes of nodes are put into a topological order, with a knot between
// the two sides of each demand.
std::optional<std::vector<Moment>> schedule_with(const Facts& facts, const GuardAssignment& assignment,
                                                 const std::vector<StartsFirst>& demands,
                                                 const FailureScenario& scenario = {});

}  // namespace pvsplan::checks
