#include "runtime/store/postgres_sites.hpp"

#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace pvsplan::store {

using base::Result;
using base::Status;

namespace {

// As `pvsplan.take` has it.
// The same is asked twice, here of all sites and there of one. A function for both would be a new version of the
// tables, for which every store that is in use would have to be changed.
constexpr const char* is_takeable =
    "(holder = '' OR held_until <= clock_timestamp()) AND (token = 0 OR EXISTS (SELECT 1 FROM pvsplan.farms "
    "WHERE farms.farm = open.farm AND farms.token = open.token AND farms.holder <> '')) ";

// Workers of a site that are told of jobs.
constexpr std::int64_t max_told = 4;

}  // namespace

// Two statements, so a worker may take a job between them: good enough for people, and nothing depends on it.
Result<std::vector<ports::SiteStands>> PostgresSites::all_sites() const {
    auto workers = session_->ask(
        "SELECT site, account, host, pid, (extract(epoch FROM since) * 1000)::bigint, "
        "(extract(epoch FROM seen_at) * 1000)::bigint, seen_at < clock_timestamp() - make_interval(secs => $1::int), "
        "(SELECT count(*) FROM pvsplan.jobs WHERE holder = worker AND held_until > clock_timestamp()) "
        "FROM pvsplan.workers ORDER BY site, since, worker",
        {std::int64_t{session_->name().ttl_s}});
    if (!workers) return std::move(workers).error();
    auto jobs = session_->ask(std::string("SELECT site, farm, count(*) FILTER (WHERE ") + is_takeable +
                                  ") FROM pvsplan.jobs AS open GROUP BY site, farm ORDER BY site, farm",
                              {});
    if (!jobs) return std::move(jobs).error();
    std::map<std::string, ports::SiteStands> by_name;
    for (const Row& row : *workers)
        by_name[text(row, 0)].workers.push_back(
            {.who = {.user = text(row, 1), .host = text(row, 2), .pid = number(row, 3)},
             .since = number(row, 4),
             .seen_at = number(row, 5),
             .is_late = number(row, 6) != 0,
             .jobs = static_cast<std::uint64_t>(number(row, 7))});
    for (const Row& row : *jobs) {
        ports::SiteStands& site = by_name[text(row, 0)];
        site.waiting += static_cast<std::uint64_t>(number(row, 2));
        if (number(row, 2) > 0) site.farms.push_back(text(row, 1));
    }
    std::vector<ports::SiteStands> all;
    for (auto& [name, site] : by_name) {
        site.site = name;
        all.push_back(std::move(site));
    }
    return all;
}

// What nobody fetched for a day, and what was asked under a lease that another has followed, is of processes that are
// gone. Workers may remove no report.
Status PostgresSites::keep_plan(const std::string& sha256, const std::string& bytes) {
    for (const char* gone : {"DELETE FROM pvsplan.reports WHERE at < clock_timestamp() - interval '1 day'",
                             "DELETE FROM pvsplan.jobs USING pvsplan.farms WHERE jobs.farm = farms.farm AND "
                             "jobs.token <> 0 AND jobs.token < farms.token"})
        if (Status swept = session_->write(gone, {}); !swept) return swept;
    return session_->write("INSERT INTO pvsplan.plans (sha256, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                           {sha256, Parameter::bytes(bytes)});
}

namespace {

// asker, key, site, farm, token, plan, bytes
std::vector<Parameter> columns_of(const std::vector<ports::SiteJob>& jobs) {
    return {column(jobs, [](const ports::SiteJob& job) { return job.asker; }),
            column(jobs, [](const ports::SiteJob& job) { return job.key; }),
            column(jobs, [](const ports::SiteJob& job) { return job.site; }),
            column(jobs, [](const ports::SiteJob& job) { return job.farm; }),
            column(jobs, [](const ports::SiteJob& job) { return stored(job.token); }),
            column(jobs, [](const ports::SiteJob& job) { return job.plan; }),
            column(jobs, [](const ports::SiteJob& job) { return std::string_view(job.bytes); })};
}

// The sites whose workers are told, each once.
std::set<std::string> channels_of(const std::vector<ports::SiteJob>& jobs) {
    std::set<std::string> channels;
    for (const ports::SiteJob& job : jobs) channels.insert(PostgresNews::jobs_for(job.site));
    return channels;
}

Parameter numbers_of(const std::vector<std::uint64_t>& reports) {
    return column(reports, [](std::uint64_t one) { return stored(one); });
}

}  // namespace

// Jobs that belong to no record, such as observations and claims.
Status PostgresSites::ask(const std::vector<ports::SiteJob>& jobs) {
    std::vector<Parameter> parameters = columns_of(jobs);
    parameters.push_back(numbers_of({}));
    Status asked = session_->write("SELECT pvsplan.ask($1, $2, $3, $4, $5, $6, $7, $8)", parameters);
    if (asked) news_.tell(channels_of(jobs));
    return asked;
}

// Kept here until the next append. Fails that, they stay for the one after it: who asks so gives up when it fails.
void PostgresSites::ask_with_records(std::vector<ports::SiteJob> jobs, std::vector<std::uint64_t> taken) {
    jobs_.insert(jobs_.end(), std::make_move_iterator(jobs.begin()), std::make_move_iterator(jobs.end()));
    taken_.insert(taken_.end(), taken.begin(), taken.end());
}

const char* PostgresSites::with_records_sql() { return "pvsplan.ask($9, $10, $11, $12, $13, $14, $15, $16)"; }

std::vector<Parameter> PostgresSites::with_records_parameters() const {
    std::vector<Parameter> all = columns_of(jobs_);
    all.push_back(numbers_of(taken_));
    return all;
}

// Told of only now: a worker that is told before the commit would look and find nothing.
void PostgresSites::records_are_there() {
    news_.tell(channels_of(jobs_));
    jobs_.clear();
    taken_.clear();
}

// What was taken goes before what is there is read, so that nothing is handed out a second time.
Result<std::vector<ports::SiteReport>> PostgresSites::reports(const std::string& asker,
                                                              const std::vector<std::uint64_t>& taken) {
    session_->listen(PostgresNews::reports_to(asker));
    news_.tell_what_waits();
    if (!taken.empty())
        if (Status removed =
                session_->write("DELETE FROM pvsplan.reports WHERE number = ANY ($1::bigint[])", {numbers_of(taken)});
            !removed)
            return std::move(removed).error();
    auto rows =
        session_->ask("SELECT number, key, bytes FROM pvsplan.reports WHERE asker = $1 ORDER BY number", {asker});
    if (!rows) return std::move(rows).error();
    std::vector<ports::SiteReport> all;
    for (const Row& row : *rows)
        all.push_back({static_cast<std::uint64_t>(number(row, 0)), text(row, 1), text(row, 2)});
    return all;
}

// Of one asker: which of its jobs a worker has at this moment.
Result<std::vector<ports::SiteJobStands>> PostgresSites::open_jobs(const std::string& asker) {
    auto rows = session_->ask(
        "SELECT key, holder <> '' AND held_until > clock_timestamp() FROM pvsplan.jobs WHERE asker = $1", {asker});
    if (!rows) return std::move(rows).error();
    std::vector<ports::SiteJobStands> all;
    for (const Row& row : *rows) all.push_back({.key = text(row, 0), .is_held = number(row, 1) != 0});
    return all;
}

// A job that is gone was taken by somebody, for all that is known here.
Result<bool> PostgresSites::withdraw(const std::string& asker, const std::string& key) {
    auto rows = session_->ask("DELETE FROM pvsplan.jobs WHERE asker = $1 AND key = $2 RETURNING takes", {asker, key});
    if (!rows) return std::move(rows).error();
    return !rows->empty() && number(rows->front(), 0) == 0;
}

// Only some of the workers that are there are told of jobs: where a hundred are idle, one that is told takes a job as
// soon as all would.
Status PostgresSites::be_present(const ports::SiteWorker& worker) {
    auto before = session_->ask("SELECT pvsplan.be_present($1, $2, $3, $4, $5, $6)",
                                {worker.name, worker.site, worker.who.user, worker.who.host, worker.who.pid,
                                 std::int64_t{session_->name().ttl_s}});
    if (!before) return std::move(before).error();
    if (!before->empty() && number(before->front(), 0) < max_told)
        session_->listen(PostgresNews::jobs_for(worker.site));
    else
        session_->stop_listening();
    return base::Done{};
}

// Its jobs are free at once; whoever takes them attaches to what was begun.
Status PostgresSites::leave(const std::string& worker) {
    if (Status freed = session_->write("UPDATE pvsplan.jobs SET holder = '' WHERE holder = $1", {worker}); !freed)
        return freed;
    return session_->write("DELETE FROM pvsplan.workers WHERE worker = $1", {worker});
}

// An answer that is lost leaves jobs that this worker holds and does not know of: they are another's once `hold_ms` is
// over.
Result<std::vector<ports::SiteJob>> PostgresSites::take(const ports::SiteWorker& worker, std::uint32_t max_jobs,
                                                        std::int64_t hold_ms) {
    news_.tell_what_waits();
    auto rows = session_->ask("SELECT asker, key, farm, token, plan, bytes, takes FROM pvsplan.take($1, $2, $3, $4)",
                              {worker.site, worker.name, std::int64_t{max_jobs}, hold_ms});
    if (!rows) return std::move(rows).error();
    std::vector<ports::SiteJob> all;
    for (const Row& row : *rows)
        all.push_back({.asker = text(row, 0),
                       .key = text(row, 1),
                       .site = worker.site,
                       .farm = text(row, 2),
                       .token = static_cast<std::uint64_t>(number(row, 3)),
                       .plan = text(row, 4),
                       .bytes = text(row, 5),
                       .takes = static_cast<std::uint32_t>(number(row, 6))});
    return all;
}

// Answers with those that are still this worker's; any other was taken by another, or is gone.
Result<std::vector<PostgresSites::Held>> PostgresSites::hold(const std::string& worker, const std::vector<Held>& jobs,
                                                             std::int64_t hold_ms) {
    auto rows = session_->ask(
        "UPDATE pvsplan.jobs AS job SET held_until = clock_timestamp() + make_interval(secs => $4::int / 1000.0) "
        "FROM unnest($2::text[], $3::text[]) AS mine (asker, key) "
        "WHERE job.holder = $1 AND job.asker = mine.asker AND job.key = mine.key RETURNING job.asker, job.key",
        {worker, column(jobs, [](const Held& one) { return one.asker; }),
         column(jobs, [](const Held& one) { return one.key; }), hold_ms});
    if (!rows) return std::move(rows).error();
    std::vector<Held> all;
    for (const Row& row : *rows) all.push_back({text(row, 0), text(row, 1)});
    return all;
}

Result<std::string> PostgresSites::plan_bytes_of(const std::string& sha256) {
    auto rows = session_->ask("SELECT bytes FROM pvsplan.plans WHERE sha256 = $1", {sha256});
    if (!rows) return std::move(rows).error();
    if (rows->empty()) return base::Error{"the store has no plan " + sha256};
    return text(rows->front(), 0);
}

// Whoever asked is told only after the commit. Reports of jobs that are another's by now are dropped by the function in
// the database.
Status PostgresSites::report(const std::string& worker, const std::vector<Report>& reports) {
    Status said =
        session_->write("SELECT pvsplan.report($1, $2, $3, $4, $5)",
                        {worker, column(reports, [](const Report& one) { return one.job.asker; }),
                         column(reports, [](const Report& one) { return one.job.key; }),
                         column(reports, [](const Report& one) { return std::string_view(one.bytes); }),
                         column(reports, [](const Report& one) { return std::int64_t{one.is_final ? 1 : 0}; })});
    std::set<std::string> channels;
    for (const Report& one : reports) channels.insert(PostgresNews::reports_to(one.job.asker));
    if (said) news_.tell(channels);
    return said;
}

}  // namespace pvsplan::store
