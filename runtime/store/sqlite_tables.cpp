#include "runtime/store/sqlite_tables.hpp"

namespace pvsplan::store {

namespace {

constexpr std::int64_t file_version = 3;
constexpr std::int64_t application = 0x70767370;  // "pvsp": tells our files from other SQLite files

// Records are only ever inserted: triggers keep even a careless `sqlite3` session from changing one unnoticed.
constexpr const char* file_tables = R"sql(
CREATE TABLE plans (sha256 TEXT PRIMARY KEY, bytes TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
  id TEXT PRIMARY KEY, plan TEXT NOT NULL, farm TEXT NOT NULL, digest TEXT NOT NULL,
  compiled TEXT NOT NULL REFERENCES plans (sha256),
  outcome TEXT NOT NULL, begun_as INTEGER NOT NULL UNIQUE, begun_at INTEGER NOT NULL, touched_at INTEGER NOT NULL,
  records INTEGER NOT NULL, head TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE INDEX runs_by_digest ON runs (digest);
CREATE TABLE records (
  run TEXT NOT NULL, number INTEGER NOT NULL, bytes TEXT NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (run, number)) WITHOUT ROWID;
CREATE TRIGGER records_are_never_changed BEFORE UPDATE ON records
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TABLE farms (
  farm TEXT PRIMARY KEY, token INTEGER NOT NULL, user TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
  started TEXT NOT NULL, machine TEXT NOT NULL, boot TEXT NOT NULL, space TEXT NOT NULL,
  run TEXT NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE messages (number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, bytes TEXT NOT NULL);
CREATE TABLE simulated_state (
  farm TEXT NOT NULL, object TEXT NOT NULL, attribute TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (farm, object, attribute)) WITHOUT ROWID;
CREATE TABLE simulated_jobs (
  farm TEXT NOT NULL, key TEXT NOT NULL, ends_at INTEGER NOT NULL, takes_ms INTEGER NOT NULL,
  exit_status INTEGER NOT NULL,
  out TEXT NOT NULL, err TEXT NOT NULL, PRIMARY KEY (farm, key)) WITHOUT ROWID;
)sql";

// What came later, in stores of this version as well: an older pvsplan works with it. Records go with their run.
// Of runs that were taken out into a file, what is still asked: where it is, and which run a plan has had last.
constexpr const char* later_tables = R"sql(
DROP TRIGGER IF EXISTS records_are_never_deleted;
CREATE TRIGGER records_are_never_deleted BEFORE DELETE ON records
  WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run) BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TABLE archived (
  run TEXT PRIMARY KEY, digest TEXT NOT NULL, outcome TEXT NOT NULL, begun_as INTEGER NOT NULL,
  into_file TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX archived_by_digest ON archived (digest);
CREATE INDEX archived_by_begun_as ON archived (begun_as);
)sql";

// An `archived` that says less: nobody knows what those runs were.
constexpr const char* put_aside = "ALTER TABLE archived RENAME TO archived_before;";
constexpr const char* put_back = R"sql(
INSERT INTO archived SELECT run, digest, '', 0, into_file FROM archived_before;
DROP TABLE archived_before;
)sql";

// 0 is what SQLite itself puts into a new file.
base::Result<std::int64_t> pragma(Database& database, const std::string& name) {
    auto rows = database.query("PRAGMA " + name);
    if (!rows) return std::move(rows).error();
    return rows->empty() ? 0 : number(rows->front(), 0);
}

// The mark first: a file of somebody else has any version.
base::Status check_version(std::int64_t found, std::int64_t mark, const std::string& path) {
    if (mark != application) return base::Error{"`" + path + "` is not a store of pvsplan"};
    if (found < file_version)
        return base::Error{"the store `" + path + "` is of the older version " + std::to_string(found) +
                           ", this pvsplan knows version " + std::to_string(file_version) +
                           ": use the pvsplan that made it, or move the file away and begin a new one"};
    if (found > file_version)
        return base::Error{"the store `" + path + "` is of version " + std::to_string(found) +
                           ", this pvsplan knows versions up to " + std::to_string(file_version) +
                           ": use a newer pvsplan"};
    return base::Done{};
}

}  // namespace

// Nothing of anybody: no mark, no version, no table.
base::Result<bool> is_empty_file(Database& database) {
    auto found = pragma(database, "user_version");
    if (!found) return std::move(found).error();
    auto mark = pragma(database, "application_id");
    if (!mark) return std::move(mark).error();
    auto tables = database.query("SELECT count(*) FROM sqlite_master");
    if (!tables) return std::move(tables).error();
    return *found == 0 && *mark == 0 && number(tables->at(0), 0) == 0;
}

// By a column that the table of before did not have.
base::Result<bool> has_archived(Database& database) {
    auto there = database.query("SELECT count(*) FROM pragma_table_info('archived') WHERE name = 'begun_as'");
    if (!there) return std::move(there).error();
    return number(there->at(0), 0) != 0;
}

base::Status check_tables(Database& database, const std::string& path) {
    auto found = pragma(database, "user_version");
    if (!found) return std::move(found).error();
    auto mark = pragma(database, "application_id");
    if (!mark) return std::move(mark).error();
    return check_version(*found, *mark, path);
}

// All in one transaction: of two processes that come at once the second finds the tables, and a crash leaves an empty
// file.
base::Status make_tables(Database& database, const std::string& path) {
    auto transaction = Transaction::begin(database);
    if (!transaction) return std::move(transaction).error();
    auto is_empty = is_empty_file(database);
    if (!is_empty) return std::move(is_empty).error();
    if (!*is_empty) {
        if (auto known = check_tables(database, path); !known) return known;
        auto is_there = has_archived(database);
        if (!is_there) return std::move(is_there).error();
        if (*is_there) return base::Done{};
        auto before = database.query("SELECT count(*) FROM sqlite_master WHERE name = 'archived'");
        if (!before) return std::move(before).error();
        const bool says_less = number(before->at(0), 0) != 0;
        const std::string added = says_less ? std::string(put_aside) + later_tables + put_back : later_tables;
        if (auto made = database.script(added); !made) return made;
        return transaction->commit();
    }
    const std::string marks = "PRAGMA application_id=" + std::to_string(application) +
                              "; PRAGMA user_version=" + std::to_string(file_version) + ";";
    if (auto status = database.script(std::string(file_tables) + later_tables + marks); !status) return status;
    return transaction->commit();
}

}  // namespace pvsplan::store
