#include "runtime/store/sqlite_store.hpp"

#include <filesystem>
#include <optional>
#include <utility>

#include "compiler/base/digest.hpp"
#include "runtime/ports/places.hpp"
#include "runtime/ports/private_files.hpp"
#include "runtime/store/expiry.hpp"
#include "runtime/store/memory_store.hpp"
#include "runtime/store/refusals.hpp"
#include "runtime/store/sqlite.hpp"
#include "runtime/store/sqlite_housekeeping.hpp"
#include "runtime/store/sqlite_tables.hpp"

namespace pvsplan::store {

namespace {

using base::Done;
using base::Error;
using base::Result;
using base::Status;

// Over twenty methods, since it is all five of the interfaces of ports::Store over one database.
class SqliteStore final : public ports::Store {
  public:
    // `simulated`: a second connection for the simulated farm, whose writes need not wait for the disk. None: the store
    // is opened to read.
    SqliteStore(std::unique_ptr<Database> database, std::unique_ptr<Database> simulated)
        : database_(std::move(database)),
          own_simulated_(std::move(simulated)),
          simulated_(own_simulated_ ? own_simulated_.get() : database_.get()),
          housekeeping_(*database_) {}

    // All of it in one transaction, which an error before its end rolls back.
    Status create_run(const ports::Lease& lease, const ports::RunRow& row, const std::string& plan_bytes, Use use,
                      const std::vector<ports::RecordRow>& first) override {
        auto transaction = Transaction::begin(*database_);
        if (!transaction) return std::move(transaction).error();
        if (auto status = check_lease(lease); !status) return status;
        if (lease.farm != row.farm) return lease_on_another_farm(lease.farm, row.farm);
        auto there = run(row.id);
        if (!there) return std::move(there).error();
        auto before = archived(row.id);
        if (!before) return std::move(before).error();
        if (*there || *before) return run_is_there(row.id);
        if (use == Use::single) {
            auto same = database_->query("SELECT id FROM runs WHERE digest = ?", {row.digest});
            if (!same) return std::move(same).error();
            if (!same->empty()) return used_plan(text(same->front(), 0));
            auto taken_out = database_->query("SELECT run FROM archived WHERE digest = ?", {row.digest});
            if (!taken_out) return std::move(taken_out).error();
            if (!taken_out->empty()) return used_archived_plan(text(taken_out->front(), 0));
        }
        // Plans with the same digest may differ in their source places, so the key is the hash of their bytes.
        const std::string compiled = base::sha256_hex(plan_bytes);
        if (auto status =
                database_->run("INSERT OR IGNORE INTO plans (sha256, bytes) VALUES (?, ?)", {compiled, plan_bytes});
            !status)
            return status;
        if (auto status = database_->run(
                "INSERT INTO runs (id, plan, farm, digest, compiled, outcome, begun_as, begun_at, touched_at, "
                "records) SELECT ?, ?, ?, ?, ?, ?, coalesce(max(begun_as), 0) + 1, ?, ?, 0 FROM (SELECT max(begun_as) "
                "AS begun_as FROM runs UNION ALL SELECT max(begun_as) FROM archived)",
                {row.id, row.plan, row.farm, row.digest, compiled, row.outcome, row.begun_at, row.touched_at});
            !status)
            return status;
        if (auto status = check_numbers(row.id, 0, first); !status) return status;
        if (auto status = insert(row.id, first, row.touched_at); !status) return status;
        return commit(*transaction);
    }

    // In the order in which they began.
    Result<std::vector<ports::RunRow>> runs() const override {
        auto rows = database_->query(std::string("SELECT ") + run_columns + " FROM runs ORDER BY begun_as");
        if (!rows) return std::move(rows).error();
        std::vector<ports::RunRow> all;
        for (const auto& row : *rows) all.push_back(run_of(row));
        return all;
    }

    Result<std::optional<ports::RunRow>> run(const std::string& id) const override {
        auto rows = database_->query(std::string("SELECT ") + run_columns + " FROM runs WHERE id = ?", {id});
        if (!rows) return std::move(rows).error();
        if (rows->empty()) return std::optional<ports::RunRow>();
        return std::optional(run_of(rows->front()));
    }

    Result<std::string> plan_bytes(const std::string& run_id) const override {
        auto rows = database_->query(
            "SELECT bytes FROM plans JOIN runs ON runs.compiled = plans.sha256 WHERE runs.id = ?", {run_id});
        if (!rows) return std::move(rows).error();
        if (rows->empty()) return no_compiled_plan(run_id);
        return text(rows->front(), 0);
    }

    // Lease, run and numbers are looked at within the transaction that writes: what they say still holds when it is
    // committed.
    Status append(const ports::Lease& lease, const std::string& run_id, const std::vector<ports::RecordRow>& rows,
                  const std::optional<std::string>& outcome, ports::Millis now) override {
        auto transaction = Transaction::begin(*database_);
        if (!transaction) return std::move(transaction).error();
        if (auto status = check_lease(lease); !status) return status;
        if (auto status = check_run(lease, run_id, rows); !status) return status;
        if (auto status = insert(run_id, rows, now); !status) return status;
        if (outcome)
            if (auto status =
                    database_->run("UPDATE runs SET outcome = ?, touched_at = ? WHERE id = ?", {*outcome, now, run_id});
                !status)
                return status;
        return commit(*transaction);
    }

    Result<std::vector<ports::RecordRow>> records(const std::string& run_id) const override {
        auto rows = database_->query("SELECT number, bytes, hash FROM records WHERE run = ? ORDER BY number", {run_id});
        if (!rows) return std::move(rows).error();
        return records_of(*rows);
    }

    // Look and change are one transaction, so that of two who find the farm free only one gets it.
    Result<ports::TakeResult> acquire(const std::string& farm, const ports::LeaseOwner& owner,
                                      ports::Take how) override {
        auto transaction = Transaction::begin(*database_);
        if (!transaction) return std::move(transaction).error();
        auto there = held(farm);
        if (!there) return std::move(there).error();
        if (*there && how == ports::Take::if_free && (*there)->expiry != ports::Expiry::expired)
            return ports::TakeResult{.lease = {}, .held_by = **there};
        const ports::Identity& who = owner.who;
        if (auto status = database_->run(
                "INSERT INTO farms (farm, token, user, host, pid, started, machine, boot, space, run, since) "
                "VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (farm) DO UPDATE SET token = token + 1, user = excluded.user, host = excluded.host, "
                "pid = excluded.pid, started = excluded.started, machine = excluded.machine, boot = excluded.boot, "
                "space = excluded.space, run = excluded.run, since = excluded.since",
                {farm, who.user, who.host, who.pid, who.started, who.machine, who.boot, who.space, owner.run,
                 owner.since});
            !status)
            return std::move(status).error();
        auto rows = database_->query("SELECT token FROM farms WHERE farm = ?", {farm});
        if (!rows) return std::move(rows).error();
        const ports::Lease lease{.farm = farm, .token = static_cast<std::uint64_t>(number(rows->at(0), 0))};
        if (auto status = transaction->commit(); !status) return std::move(status).error();
        return ports::TakeResult{.lease = lease, .held_by = std::move(*there)};
    }

    // The token stays, so that the next lease gets a greater one; a pid of 0 says that nobody holds it.
    Status release(const ports::Lease& lease) override {
        return database_->run("UPDATE farms SET pid = 0, run = '' WHERE farm = ? AND token = ?",
                              {lease.farm, stored(lease.token)});
    }

    // There is nothing to put off: the lease lasts as long as the process of its owner.
    Result<bool> renew(const ports::Lease& lease) override {
        auto rows = database_->query("SELECT token FROM farms WHERE farm = ? AND pid <> 0", {lease.farm});
        if (!rows) return std::move(rows).error();
        return !rows->empty() && number(rows->front(), 0) == stored(lease.token);
    }

    // Whether its process lives is asked of the system now; no row says it.
    Result<std::optional<ports::HeldLease>> held(const std::string& farm) const override {
        auto rows = database_->query(
            "SELECT user, host, pid, started, machine, boot, space, run, since FROM farms WHERE farm = ? AND pid <> 0",
            {farm});
        if (!rows) return std::move(rows).error();
        if (rows->empty()) return std::optional<ports::HeldLease>();
        ports::LeaseOwner owner = owner_of(rows->front());
        const ports::Expiry expiry = expiry_with_process(owner);
        return std::optional(ports::HeldLease{.owner = std::move(owner), .expiry = expiry});
    }

    Status post_message(const std::string& run_id, const std::string& bytes) override {
        return database_->run("INSERT INTO messages (run, bytes) VALUES (?, ?)", {run_id, bytes});
    }

    Result<std::vector<ports::Message>> messages(const std::string& run_id) const override {
        auto rows = database_->query("SELECT number, run, bytes FROM messages WHERE run = ? ORDER BY number", {run_id});
        if (!rows) return std::move(rows).error();
        std::vector<ports::Message> all;
        for (const auto& row : *rows)
            all.push_back({static_cast<std::uint64_t>(number(row, 0)), text(row, 1), text(row, 2)});
        return all;
    }

    Status remove_messages(const std::string& run_id, std::uint64_t up_to) override {
        return database_->run("DELETE FROM messages WHERE run = ? AND number <= ?", {run_id, stored(up_to)});
    }

    Result<std::map<std::string, std::map<std::string, std::string>>> simulated_state(
        const std::string& farm) const override {
        auto rows = simulated_->query("SELECT object, attribute, value FROM simulated_state WHERE farm = ?", {farm});
        if (!rows) return std::move(rows).error();
        std::map<std::string, std::map<std::string, std::string>> all;
        for (const auto& row : *rows) all[text(row, 0)][text(row, 1)] = text(row, 2);
        return all;
    }

    Result<std::optional<ports::SimulatedJob>> simulated_job(const std::string& farm,
                                                             const std::string& key) const override {
        auto rows = simulated_->query(
            "SELECT ends_at, takes_ms, exit_status, out, err FROM simulated_jobs WHERE farm = ? AND key = ?",
            {farm, key});
        if (!rows) return std::move(rows).error();
        if (rows->empty()) return std::optional<ports::SimulatedJob>();
        const auto& row = rows->front();
        return std::optional(
            ports::SimulatedJob{key, number(row, 0), number(row, 1), number(row, 2), text(row, 3), text(row, 4)});
    }

    // On the second connection, whose commits reach the disk with the next one of a run: both write into the same log,
    // in order.
    Status change_simulated(const std::string& farm, const ports::SimulatedChange& change) override {
        auto transaction = Transaction::begin(*simulated_);
        if (!transaction) return std::move(transaction).error();
        for (const auto& set : change.sets)
            if (auto status =
                    simulated_->run("INSERT INTO simulated_state (farm, object, attribute, value) VALUES (?, ?, ?, ?) "
                                    "ON CONFLICT (farm, object, attribute) DO UPDATE SET value = excluded.value",
                                    {farm, set.object, set.attribute, set.value});
                !status)
                return status;
        for (const auto& job : change.jobs)
            if (auto status = simulated_->run(
                    "INSERT OR IGNORE INTO simulated_jobs (farm, key, ends_at, takes_ms, exit_status, out, "
                    "err) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    {farm, job.key, job.ends_at, job.takes_ms, job.exit_status, job.out, job.err});
                !status)
                return status;
        return transaction->commit();
    }

    Status reset_simulated(const std::string& farm) override {
        return simulated_->run("DELETE FROM simulated_state WHERE farm = ?", {farm});
    }

    Result<std::map<std::string, std::uint64_t>> sizes() const override { return housekeeping_.sizes(); }
    Result<std::uint64_t> size() const override { return housekeeping_.size(); }
    Status remove_run(const ports::RunRow& row, const std::string& where) override {
        return housekeeping_.remove_run(row, where);
    }
    Status give_room_back() override { return housekeeping_.give_room_back(); }
    Result<std::optional<std::string>> archived(const std::string& id) const override {
        return housekeeping_.archived(id);
    }
    Result<std::map<std::string, std::string>> archived_runs(const std::string& beginning) const override {
        return housekeeping_.archived_runs(beginning);
    }
    Result<std::optional<ports::PlanRun>> last_run_of(const std::string& digest) const override {
        return housekeeping_.last_run_of(digest);
    }

    [[nodiscard]] std::uint64_t commits() const override { return commits_; }

  private:
    // Counted, as a rehearsal counts them: it lets its process die after each.
    Status commit(Transaction& transaction) {
        Status status = transaction.commit();
        if (status) ++commits_;
        return status;
    }

    // Within the transaction that writes, so that nobody takes the farm between the look and the commit.
    Status check_lease(const ports::Lease& lease) {
        auto is_ours = renew(lease);
        if (!is_ours) return std::move(is_ours).error();
        if (!*is_ours) return lost_lease(lease.farm);
        return Done{};
    }

    // The run is one of this farm, and the records follow on those that it has.
    Status check_run(const ports::Lease& lease, const std::string& run_id, const std::vector<ports::RecordRow>& rows) {
        auto found = database_->query("SELECT farm, records FROM runs WHERE id = ?", {run_id});
        if (!found) return std::move(found).error();
        if (found->empty()) return no_run(run_id);
        if (const std::string farm = text(found->front(), 0); farm != lease.farm)
            return lease_on_another_farm(lease.farm, farm);
        return check_numbers(run_id, static_cast<std::uint64_t>(number(found->front(), 1)), rows);
    }

    // A record's number is a key: two writers can never both write the same one.
    Status insert(const std::string& run_id, const std::vector<ports::RecordRow>& rows, ports::Millis now) {
        for (const auto& row : rows)
            if (auto status = database_->run("INSERT INTO records (run, number, bytes, hash) VALUES (?, ?, ?, ?)",
                                             {run_id, stored(row.number), row.bytes, row.hash});
                !status)
                return status;
        if (rows.empty()) return Done{};
        return database_->run("UPDATE runs SET records = ?, head = ?, touched_at = ? WHERE id = ?",
                              {stored(rows.back().number), rows.back().hash, now, run_id});
    }

    std::unique_ptr<Database> database_;
    std::unique_ptr<Database> own_simulated_;
    Database* simulated_;
    SqliteHousekeeping housekeeping_;
    std::uint64_t commits_ = 0;
};

}  // namespace

namespace {

// SQLite names its other files after the store: two names would give one store two logs.
Error several_names(const std::string& path, const Error& why) {
    return Error{"the store `" + path + "` cannot be used under this name: part of what is in it lies beside another",
                 {why.text()}};
}

}  // namespace

// Made where it is not there.
Result<std::unique_ptr<ports::Store>> open_sqlite_store(const std::string& path) {
    namespace fs = std::filesystem;
    if (const auto folder = fs::path(path).parent_path(); !folder.empty())
        if (auto made = ports::make_private_folders(folder.string()); !made)
            return Error{"the folder of the store `" + path + "` cannot be made", {made.error().text()}};
    std::error_code failed;
    if (fs::exists(path, failed) && !fs::is_regular_file(path, failed))
        return Error{"`" + path + "` is no file: a store is kept in one"};
    if (Status one = ports::check_has_one_name(path); !one) return several_names(path, one.error());
    // Created here with a private mode: SQLite gives its other files the mode of this one.
    auto is_made = ports::make_private_file(path);
    if (!is_made) return Error{"the store `" + path + "` cannot be made", {is_made.error().text()}};
    auto database = Database::open(path, Database::Open::read_write, Database::Sync::power);
    Status ready = database ? make_tables(**database, path) : Status(database.error());
    if (!ready) {
        if (*is_made) {  // a store that could not be created leaves nothing behind
            if (database) database->reset();
            for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs::remove(path + suffix, failed);
        }
        return std::move(ready).error();
    }
    auto simulated = Database::open(path, Database::Open::read_write, Database::Sync::process);
    if (!simulated) return std::move(simulated).error();
    return std::unique_ptr<ports::Store>(std::make_unique<SqliteStore>(std::move(*database), std::move(*simulated)));
}

namespace {

// Opening reads nothing; the first question shows whether it can be read.
Result<std::unique_ptr<Database>> open_to_look(const std::string& path, Database::Open how) {
    auto database = Database::open(path, how, Database::Sync::power);
    if (!database) return database;
    if (auto rows = (*database)->query("SELECT count(*) FROM sqlite_master"); !rows) return std::move(rows).error();
    return database;
}

// The last resort: a copy, in a folder with room. It is unlinked while open, so it is gone when it is closed. `before`:
// why the store itself cannot be read.
Result<std::unique_ptr<Database>> open_copy(const std::string& path, Error before) {
    namespace fs = std::filesystem;
    std::error_code failed;
    const auto no_room = [&](const std::string& why) {
        before.causes.push_back("no copy could be made to read instead, " + why +
                                ": name a folder with room for one in `TMPDIR`");
        return std::move(before);
    };
    const std::optional<std::string> folder = ports::make_scratch_folder();
    if (!folder) return no_room("since no folder can be written to");
    const std::string copy = *folder + "/" + fs::path(path).filename().string();
    fs::copy_file(path, copy, failed);
    if (std::error_code none; !failed && fs::exists(path + "-wal", none))
        fs::copy_file(path + "-wal", copy + "-wal", failed);
    for (const std::string& made : {copy, copy + "-wal"})  // a copy of what may only be read may only be read
        if (std::error_code none; fs::exists(made, none))
            fs::permissions(made, fs::perms::owner_read | fs::perms::owner_write, none);
    Result<std::unique_ptr<Database>> database = failed ? no_room(failed.message()) : Error{before};
    if (!failed)
        if (auto opened = open_to_look(copy, Database::Open::read_alone); opened) database = std::move(opened);
    fs::remove_all(*folder, failed);
    return database;
}

}  // namespace

// A store stays readable where nothing can be written. SQLite has to write next to the write-ahead log of a process
// that died, so two other ways follow. A process that died while it made the store leaves one in which nothing is.
Result<std::unique_ptr<const ports::Store>> open_sqlite_store_to_read(const std::string& path) {
    if (std::error_code failed; !std::filesystem::exists(path, failed)) {
        if (!failed) return Error{"there is no store at `" + path + "`"};
        return Error{"the store `" + path + "` cannot be read", {failed.message()}};
    }
    if (std::error_code failed; !std::filesystem::is_regular_file(path, failed))
        return Error{"`" + path + "` is no file: a store is kept in one"};
    if (Status one = ports::check_has_one_name(path); !one) return several_names(path, one.error());
    auto database = open_to_look(path, Database::Open::read_only);
    if (!database)
        if (auto alone = open_to_look(path, Database::Open::read_alone); alone) database = std::move(alone);
    if (!database) database = open_copy(path, database.error());
    if (!database) return std::move(database).error();
    const auto is_empty = is_empty_file(**database);
    if (!is_empty) return is_empty.error();
    if (*is_empty) return std::unique_ptr<const ports::Store>(std::make_unique<MemoryStore>());
    if (auto status = check_tables(**database, path); !status) return std::move(status).error();
    return std::unique_ptr<const ports::Store>(std::make_unique<SqliteStore>(std::move(*database), nullptr));
}

}  // namespace pvsplan::store
