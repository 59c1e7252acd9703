// Schedules that show something: built move by move, each of them legal.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "compiler/checks/requirement.hpp"
#include "compiler/checks/world.hpp"

namespace pvsplan::checks {

class Schedule {
  public:
    // In one way in which the run-time conditions turn out; both must outlive it.
    Schedule(const Facts& facts, const World& world)
        : facts_(facts), world_(world), state_(facts.size(), State::waiting) {}

    // These fail as soon as they have started; the innermost instance around each that may be left behind is.
    void let_fail(std::span<const Index> nodes);
    // Runs what must come first, and starts them.
    void start(std::span<const Index> nodes);
    void finish(std::span<const Index> nodes);
    void finish_all();

    [[nodiscard]] std::vector<Moment> moments() && { return std::move(moments_); }

  private:
    enum class State : std::uint8_t { waiting, running, over, bound_to_fail };
    void run_before(std::span<const Index> nodes);
    void go(Index node);  // everything before it is over: it starts and, unless it fails, finishes
    [[nodiscard]] bool is_done_at_all(Index node) const;

    const Facts& facts_;
    const World& world_;
    std::vector<State> state_;
    std::vector<std::uint32_t> given_up_;  // instances
    std::vector<Moment> moments_;
};

// Each of `start_first` starts before any of `finish_later` has finished.
struct StartsFirst {
    std::vector<Index> finish_later;
    std::vector<Index> start_first;
};
// Of the whole plan, without failures, in which all of these are so; nothing if there is no such schedule. Linear: the
// starts and finishes of nodes are put into a topological order, with a knot between the two sides of each demand.
std::optional<std::vector<Moment>> schedule_with(const Facts& facts, const World& world,
                                                 const std::vector<StartsFirst>& demands);

}  // namespace pvsplan::checks
