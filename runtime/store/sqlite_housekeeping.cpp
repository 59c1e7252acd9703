#include "runtime/store/sqlite_housekeeping.hpp"

#include "runtime/store/refusals.hpp"
#include "runtime/store/sqlite_tables.hpp"

namespace pvsplan::store {

using base::Result;
using base::Status;

Result<std::map<std::string, std::uint64_t>> SqliteHousekeeping::sizes() const {
    auto rows = database_->query(
        "SELECT id, length(CAST(plans.bytes AS BLOB)) + coalesce((SELECT sum(length(CAST(bytes AS BLOB))) FROM records "
        "WHERE run = id), 0) FROM runs JOIN plans ON sha256 = compiled");
    if (!rows) return std::move(rows).error();
    std::map<std::string, std::uint64_t> all;
    for (const Row& row : *rows) all[text(row, 0)] = static_cast<std::uint64_t>(number(row, 1));
    return all;
}

// Of the file, with pages that were freed and not given back yet.
Result<std::uint64_t> SqliteHousekeeping::size() const {
    auto rows = database_->query("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
    if (!rows) return std::move(rows).error();
    return static_cast<std::uint64_t>(number(rows->at(0), 0));
}

// A store that is only read may be of before there were archives: then none was made.
Result<std::optional<std::string>> SqliteHousekeeping::archived(const std::string& run) const {
    const auto knows = has_archived(*database_);
    if (!knows) return knows.error();
    if (!*knows) return std::optional<std::string>();
    auto rows = database_->query("SELECT into_file FROM archived WHERE run = ?", {run});
    if (!rows) return std::move(rows).error();
    return rows->empty() ? std::optional<std::string>() : std::optional(text(rows->front(), 0));
}

Result<std::map<std::string, std::string>> SqliteHousekeeping::archived_runs(const std::string& beginning) const {
    std::map<std::string, std::string> all;
    const auto knows = has_archived(*database_);
    if (!knows) return knows.error();
    if (!*knows) return all;
    auto rows =
        database_->query("SELECT run, into_file FROM archived WHERE substr(run, 1, length(?1)) = ?1", {beginning});
    if (!rows) return std::move(rows).error();
    for (const Row& row : *rows) all[text(row, 0)] = text(row, 1);
    return all;
}

// A store of before, that is only read, has no table of archived runs; then only those that are there are asked.
Result<std::optional<ports::PlanRun>> SqliteHousekeeping::last_run_of(const std::string& digest) const {
    const auto knows = has_archived(*database_);
    if (!knows) return knows.error();
    std::string all = "SELECT id, outcome, '', begun_as FROM runs WHERE digest = ?1";
    if (*knows) all += " UNION ALL SELECT run, outcome, into_file, begun_as FROM archived WHERE digest = ?1";
    auto rows = database_->query(all + " ORDER BY begun_as DESC LIMIT 1", {digest});
    if (!rows) return std::move(rows).error();
    if (rows->empty()) return std::optional<ports::PlanRun>();
    return std::optional(plan_run_of(rows->front()));
}

// The run is first: the trigger lets go of its records only then.
Status SqliteHousekeeping::remove_run(const ports::RunRow& row, const std::string& where) {
    auto transaction = Transaction::begin(*database_);
    if (!transaction) return std::move(transaction).error();
    auto before = database_->query("SELECT compiled, begun_as FROM runs WHERE id = ?", {row.id});
    if (!before) return std::move(before).error();
    if (Status removed = database_->run("DELETE FROM runs WHERE id = ? AND records = ? AND head = ? AND outcome = ?",
                                        {row.id, stored(row.records), row.head, row.outcome});
        !removed)
        return removed;
    if (database_->changed_rows() == 0) return not_as_it_was(row.id);
    const std::string plan = text(before->at(0), 0);
    for (const Status& done :
         {database_->run("DELETE FROM records WHERE run = ?", {row.id}),
          database_->run("DELETE FROM messages WHERE run = ?", {row.id}),
          database_->run("INSERT INTO archived (run, digest, outcome, begun_as, into_file) VALUES (?, ?, ?, ?, ?)",
                         {row.id, row.digest, row.outcome, number(before->at(0), 1), where}),
          database_->run("DELETE FROM plans WHERE sha256 = ? AND NOT EXISTS (SELECT 1 FROM runs WHERE compiled = ?)",
                         {plan, plan})})
        if (!done) return done;
    return transaction->commit();
}

// VACUUM writes the whole file anew, into the log at first; the checkpoint brings it into the file and empties the log.
Status SqliteHousekeeping::give_room_back() {
    if (Status written = database_->run("VACUUM"); !written) return written;
    auto shortened = database_->query("PRAGMA wal_checkpoint(TRUNCATE)");
    if (!shortened) return std::move(shortened).error();
    return base::Done{};
}

}  // namespace pvsplan::store
