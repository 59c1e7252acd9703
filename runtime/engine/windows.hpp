// Which windows of time are open. They are on the clock of people, which may be set at any moment: every answer is
// about the moment that is asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::engine {

// Used by one thread. Keeps the last answer for each window, since looking for an opening walks through a calendar.
class Windows {
  public:
    // `plan` outlives it.
    explicit Windows(const program::Plan& plan) : plan_(&plan), asked_(plan.windows.size()) {}

    [[nodiscard]] bool is_open(program::WindowId id, ports::Millis now);
    [[nodiscard]] bool are_all_open(ports::Millis now);
    // When it opens next, or opened if it is open; none: nobody can tell.
    [[nodiscard]] std::optional<program::Opening> opening(program::WindowId id, ports::Millis now);

  private:
    // The answer holds from the moment that was asked for to the end of the opening: none has ended in between.
    struct Asked {
        ports::Millis at = 0;
        ports::Millis until = 0;  // 0: it was never asked for
        std::optional<program::Opening> opening;
    };
    const program::Plan* plan_;
    std::vector<Asked> asked_;
};

// The window that the next start of the node waits for; none: it may start at any time. A further attempt of a step
// that failed while this process goes on with the run belongs to what runs: it is finished.
program::WindowId window_of(const state::RunState& run, program::NodeId node);

// "opens Fri 2026-11-27 22:00 CET"; why nobody can tell, where that is so.
std::string opens_text(const program::Plan& plan, program::WindowId id, const std::optional<program::Opening>& opening);

}  // namespace pvsplan::engine
