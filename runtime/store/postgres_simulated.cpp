#include "runtime/store/postgres_simulated.hpp"

#include <utility>

#include "runtime/store/rows.hpp"

namespace pvsplan::store {

using base::Result;
using base::Status;

Result<std::map<std::string, std::map<std::string, std::string>>> PostgresSimulatedFarm::simulated_state(
    const std::string& farm) const {
    auto rows = session_->ask("SELECT object, attribute, value FROM pvsplan.simulated_state WHERE farm = $1", {farm});
    if (!rows) return std::move(rows).error();
    std::map<std::string, std::map<std::string, std::string>> all;
    for (const Row& row : *rows) all[text(row, 0)][text(row, 1)] = text(row, 2);
    return all;
}

// None where it never began; one that began has its end from that moment on.
Result<std::optional<ports::SimulatedJob>> PostgresSimulatedFarm::simulated_job(const std::string& farm,
                                                                                const std::string& key) const {
    auto rows = session_->ask(
        "SELECT ends_at, takes_ms, exit_status, out, err FROM pvsplan.simulated_jobs WHERE farm = $1 AND key = $2",
        {farm, key});
    if (!rows) return std::move(rows).error();
    if (rows->empty()) return std::optional<ports::SimulatedJob>();
    const Row& row = rows->front();
    return std::optional(
        ports::SimulatedJob{key, number(row, 0), number(row, 1), number(row, 2), text(row, 3), text(row, 4)});
}

// Jobs stay: a run that is resumed may ask for them.
Status PostgresSimulatedFarm::reset_simulated(const std::string& farm) {
    return session_->write("DELETE FROM pvsplan.simulated_state WHERE farm = $1", {farm});
}

// Not waited for to reach the disk: the next commit of a run brings it there.
Status PostgresSimulatedFarm::change_simulated(const std::string& farm, const ports::SimulatedChange& change) {
    // One statement may touch a row only once, so of several settings of one attribute the last is sent.
    std::map<std::pair<std::string, std::string>, std::string> last;
    for (const auto& set : change.sets) last[{set.object, set.attribute}] = set.value;
    return session_->write(
        "WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), "
        "changed AS (INSERT INTO pvsplan.simulated_state SELECT $1, s.* FROM quick, "
        "unnest($2::text[], $3::text[], $4::text[]) AS s "
        "ON CONFLICT (farm, object, attribute) DO UPDATE SET value = excluded.value), "
        "begun AS (INSERT INTO pvsplan.simulated_jobs SELECT $1, j.* FROM quick, "
        "unnest($5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bytea[], $10::bytea[]) AS j "
        "ON CONFLICT (farm, key) DO NOTHING) SELECT count(*) FROM quick",
        {farm, column(last, [](const auto& one) { return one.first.first; }),
         column(last, [](const auto& one) { return one.first.second; }),
         column(last, [](const auto& one) { return one.second; }),
         column(change.jobs, [](const ports::SimulatedJob& job) { return job.key; }),
         column(change.jobs, [](const ports::SimulatedJob& job) { return job.ends_at; }),
         column(change.jobs, [](const ports::SimulatedJob& job) { return job.takes_ms; }),
         column(change.jobs, [](const ports::SimulatedJob& job) { return job.exit_status; }),
         column(change.jobs, [](const ports::SimulatedJob& job) { return std::string_view(job.out); }),
         column(change.jobs, [](const ports::SimulatedJob& job) { return std::string_view(job.err); })});
}

}  // namespace pvsplan::store
