#include "runtime/store/postgres_housekeeping.hpp"

#include "runtime/store/refusals.hpp"

namespace pvsplan::store {

using base::Result;
using base::Status;

// In bytes of plan and records. A plan that several runs share is counted for each.
Result<std::map<std::string, std::uint64_t>> PostgresHousekeeping::sizes() const {
    auto rows = session_->ask(
        "SELECT runs.id, (octet_length(plans.bytes) + coalesce(sizes.bytes, 0))::bigint FROM pvsplan.runs "
        "JOIN pvsplan.plans ON plans.sha256 = runs.compiled LEFT JOIN (SELECT run, sum(octet_length(bytes)) AS bytes "
        "FROM pvsplan.records GROUP BY run) AS sizes ON sizes.run = runs.id",
        {});
    if (!rows) return std::move(rows).error();
    std::map<std::string, std::uint64_t> all;
    for (const Row& row : *rows) all[text(row, 0)] = static_cast<std::uint64_t>(number(row, 1));
    return all;
}

// With indexes, and with what was deleted and not given back yet.
Result<std::uint64_t> PostgresHousekeeping::size() const {
    auto rows = session_->ask(
        "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class "
        "WHERE relnamespace = 'pvsplan'::regnamespace AND relkind = 'r'",
        {});
    if (!rows) return std::move(rows).error();
    return static_cast<std::uint64_t>(number(rows->at(0), 0));
}

Result<std::optional<std::string>> PostgresHousekeeping::archived(const std::string& run) const {
    auto rows = session_->ask("SELECT into_file FROM pvsplan.archived WHERE run = $1", {run});
    if (!rows) return std::move(rows).error();
    return rows->empty() ? std::optional<std::string>() : std::optional(text(rows->front(), 0));
}

Result<std::map<std::string, std::string>> PostgresHousekeeping::archived_runs(const std::string& beginning) const {
    auto rows = session_->ask("SELECT run, into_file FROM pvsplan.archived WHERE left(run, length($1::text)) = $1",
                              {beginning});
    if (!rows) return std::move(rows).error();
    std::map<std::string, std::string> all;
    for (const auto& row : *rows) all[text(row, 0)] = text(row, 1);
    return all;
}

Result<std::optional<ports::PlanRun>> PostgresHousekeeping::last_run_of(const std::string& digest) const {
    auto rows = session_->ask(
        "SELECT id, outcome, '', begun_as FROM pvsplan.runs WHERE digest = $1 UNION ALL SELECT run, outcome, "
        "into_file, "
        "begun_as FROM pvsplan.archived WHERE digest = $1 ORDER BY begun_as DESC LIMIT 1",
        {digest});
    if (!rows) return std::move(rows).error();
    if (rows->empty()) return std::optional<ports::PlanRun>();
    return std::optional(plan_run_of(rows->front()));
}

namespace {

// The run is first: the trigger lets go of its records only then. Its plan stays for another run, and for the jobs of
// one; nobody creates a run of it meanwhile.
Answered remove(Connection& connection, std::uint32_t ttl_s, const ports::RunRow& row, const std::string& where) {
    PostgresTransaction transaction(connection, ttl_s);
    if (Reply began = transaction.begin(); began.type != Reply::Type::done) return ended(std::move(began));
    Reply turn = connection.ask("SELECT pg_advisory_xact_lock(8104, hashtext($1))", {row.digest});
    if (turn.type != Reply::Type::done) return ended(std::move(turn));
    Reply run = connection.ask(
        "DELETE FROM pvsplan.runs WHERE id = $1 AND records = $2 AND head = $3 AND outcome = $4 RETURNING compiled, "
        "begun_as",
        {row.id, stored(row.records), row.head, row.outcome});
    if (run.type != Reply::Type::done) return ended(std::move(run));
    if (run.rows.empty()) {  // or it was done, and its answer lost
        const Reply before =
            connection.ask("SELECT 1 FROM pvsplan.archived WHERE run = $1 AND into_file = $2", {row.id, where});
        if (before.type == Reply::Type::done && before.rows.empty()) return Status(not_as_it_was(row.id));
        return before.type == Reply::Type::done ? Status(base::Done{}) : ended(before);
    }
    const std::string compiled = text(run.rows.front(), 0);
    for (Reply reply :
         {connection.ask("DELETE FROM pvsplan.records WHERE run = $1", {row.id}),
          connection.ask("DELETE FROM pvsplan.messages WHERE run = $1", {row.id}),
          connection.ask("INSERT INTO pvsplan.archived (run, digest, outcome, begun_as, into_file) VALUES ($1, $2, $3, "
                         "$4, $5)",
                         {row.id, row.digest, row.outcome, number(run.rows.front(), 1), where}),
          connection.ask("DELETE FROM pvsplan.plans WHERE sha256 = $1 AND NOT EXISTS (SELECT FROM pvsplan.runs WHERE "
                         "compiled = $1) AND NOT EXISTS (SELECT FROM pvsplan.jobs WHERE plan = $1)",
                         {compiled})})
        if (reply.type != Reply::Type::done) return ended(std::move(reply));
    return ended_for_sure(transaction.commit());
}

}  // namespace

Status PostgresHousekeeping::remove_run(const ports::RunRow& row, const std::string& where) {
    return session_->once(
        [&](Connection& connection) { return remove(connection, session_->name().ttl_s, row, where); });
}

}  // namespace pvsplan::store
