#include "runtime/engine/back_to.hpp"

#include <algorithm>
#include <vector>

#include "compiler/base/lists.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/state/env.hpp"
#include "runtime/state/rollback_program.hpp"

namespace pvsplan::engine {

bool goes_further_back(const ports::RunRow& row, const state::RunState& run, const std::string& step) {
    const bool went_back_to_step = run.back && !run.back_to.empty();
    return went_back_to_step && row.outcome == name_of(Outcome::rolled_back) && step != run.back_to;
}

std::string fault_of_back_to(const ports::RunRow& row, const state::RunState& run, const std::string& step) {
    // The rollback program is derived when the rollback begins and does not change before it is over, so neither does
    // how far it goes back.
    if (step.empty() || (run.back && step == run.back_to)) return "";
    const bool goes_further = goes_further_back(row, run, step);
    if ((run.back || run.forward.rollback_because) && !goes_further)
        return "the run is being rolled back already, " +
               (run.back_to.empty()
                    ? "to its beginning"
                    : "to before `" + run.back_to + "`; once it has come there it can be rolled back further");
    const bool is_known = std::any_of(run.execution.by_path.begin(), run.execution.by_path.end(),
                                      [&](const auto& node) { return state::is_within(node.first, step); });
    if (!is_known) return "there is no step `" + step + "`";
    const std::uint64_t began = state::began_as(run, step);
    if (began == 0) return "nothing of `" + step + "` has begun, so there is nothing from there on to undo";
    if (goes_further && began >= run.back->back_to)
        return "what ran from `" + step + "` on is undone already: the run went back to before `" + run.back_to + "`";
    // A `recover` undoes steps together. Where one of those ended before `step` began, going back only so far would
    // undo what was to stay.
    static constexpr std::size_t max_named = 3;
    const std::vector<std::string> beyond = state::derive_rollback(run, began)->beyond;
    if (beyond.empty()) return "";
    return "the plan's `recover` undoes " + base::some_quoted(beyond, max_named) + " together with what ran from `" +
           step + "` on: go back to before that, or undo all of the run";
}

}  // namespace pvsplan::engine
