#include "runtime/engine/run.hpp"

#include "runtime/engine/job.hpp"
#include "runtime/engine/lease.hpp"
#include "runtime/engine/redact.hpp"

namespace pvsplan::engine {

base::Status check_secrets(const Environment& environment, const program::Plan& plan) {
    RunRedactor redactor;
    return learn_secrets(plan, *environment.secrets, redactor);
}

bool is_over(std::string_view outcome) {
    return outcome == name_of(Outcome::done) || outcome == name_of(Outcome::rolled_back) || outcome == given_up;
}

bool is_over(const ports::RunRow& run) { return is_over(run.outcome); }

std::optional<Ended> held_by_run(const ports::Store& store, const std::string& farm) {
    const base::Result<std::vector<ports::RunRow>> rows = store.runs();
    if (!rows) return wrong(rows.error());
    for (const ports::RunRow& row : *rows) {
        if (row.farm != farm || is_over(row)) continue;
        const base::Result<Standing> standing = standing_of(store, row);
        return standing ? held_by(row, *standing) : wrong(standing.error(), row.id);
    }
    return std::nullopt;
}

base::Result<FarmRuns> runs_of_farm(const ports::Runs& runs, const std::string& farm) {
    const base::Result<std::vector<ports::RunRow>> rows = runs.runs();
    if (!rows) return rows.error();
    FarmRuns all;
    for (const ports::RunRow& row : *rows)
        if (row.farm == farm) all[row.id] = row.records;
    return all;
}

// Asked before the lease, so that no run under way is disturbed, and again with it: one may have begun in between.
Ended reset_simulated(const Environment& environment, const std::string& farm) {
    if (std::optional<Ended> held = held_by_run(*environment.store, farm)) return *held;
    Ended ended;
    const std::optional<Taken> taken = take(environment, farm, "", ended);
    if (!taken) return ended;
    if (std::optional<Ended> held = held_by_run(*environment.store, farm)) {
        (void)environment.store->release(taken->lease);
        return *held;
    }
    if (base::Status reset = environment.store->reset_simulated(farm); !reset)
        return let_go(environment, taken->lease, Outcome::wrong, "", reset.error().text());
    return let_go(environment, taken->lease, Outcome::done, "", "");
}

}  // namespace pvsplan::engine
