#include "runtime/store/sqlite.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "runtime/ports/files.hpp"

namespace pvsplan::store {

namespace {

constexpr std::size_t max_path = 504;  // of SQLite on Unix: 512 with the ends that its other files have

}  // namespace

// The connection with the statements that were prepared on it; all of it is used by one thread.
struct Database::Inside {
    std::string path;
    Open how = Open::read_write;
    sqlite3* connection = nullptr;
    std::map<std::string, sqlite3_stmt*, std::less<>> statements;

    ~Inside() {
        for (const auto& [sql, statement] : statements) sqlite3_finalize(statement);
        sqlite3_close(connection);
    }

    // What went wrong, and what a person can do about it.
    [[nodiscard]] base::Error error(int code) const {
        const std::string detail = connection ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
        const base::Error is_full{"the disk that holds the store `" + path + "` is full: free some space", {detail}};
        switch (code & 0xff) {
            case SQLITE_FULL: return is_full;
            case SQLITE_READONLY:
            case SQLITE_PERM: return cannot_write(detail);
            case SQLITE_CORRUPT:
            case SQLITE_NOTADB:
                return {"the store `" + path +
                            "` is damaged: copy it away, restore it from a backup, or save what is readable with "
                            "`sqlite3 FILE .recover`",
                        {detail}};
            case SQLITE_CANTOPEN: return cannot_open(detail);
            case SQLITE_NOMEM: return {"there is not enough memory to work with the store `" + path + "`", {detail}};
            case SQLITE_BUSY: return {"the store `" + path + "` is locked by another process for too long", {detail}};
            case SQLITE_IOERR:
                // SQLite says no more than this if a file cannot be extended or flushed.
                if (const int why = connection ? sqlite3_system_errno(connection) : 0; why == ENOSPC || why == EDQUOT)
                    return is_full;
                else if (why == EFBIG)
                    return {"the store `" + path +
                                "` may not grow: a limit on the size of files (`ulimit -f`) is reached; raise it",
                            {detail}};
                return {"reading or writing the store `" + path + "` failed: look whether its disk is full or broken",
                        {detail}};
            default: return {"the store `" + path + "` failed", {detail}};
        }
    }

    [[nodiscard]] base::Error cannot_write(const std::string& detail) const {
        if (ports::is_on_read_only_disk(path))
            return {"the store `" + path + "` cannot be written: its disk is mounted to be read only", {detail}};
        return {"the store `" + path + "` cannot be written: give this user the right to write it", {detail}};
    }

    [[nodiscard]] base::Error cannot_open(const std::string& detail) const {
        const int why = connection ? sqlite3_system_errno(connection) : 0;
        if (why == EMFILE || why == ENFILE)
            return {"the store `" + path + "` cannot be opened: too many files are open; raise the limit (`ulimit -n`)",
                    {detail}};
        if (why == ENOSPC || why == EDQUOT)
            return {"the disk that holds the store `" + path + "` is full: free some space", {detail}};
        if (path.size() > max_path)
            return {"the path of the store `" + path + "` has " + std::to_string(path.size()) +
                        " bytes, and SQLite opens none of more than " + std::to_string(max_path) +
                        "; name a shorter one with `--store FILE`, or move the project",
                    {detail}};
        // SQLite opened it for reading, where the disk takes no writing, and then failed to make the files beside it.
        if (how == Open::read_write && connection && sqlite3_db_readonly(connection, "main") == 1)
            return cannot_write("its disk, or its file, can only be read");
        base::Error error{"the store `" + path + "` cannot be opened", {detail}};
        if (why != 0) error.causes.emplace_back(std::strerror(why));
        return error;
    }

    // Statements are few and asked again and again, so each is kept for the life of the connection.
    base::Result<sqlite3_stmt*> prepare(std::string_view sql) {
        if (const auto found = statements.find(sql); found != statements.end()) return found->second;
        sqlite3_stmt* statement = nullptr;
        const int code = sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
        if (code != SQLITE_OK) return error(code);
        return statements.emplace(std::string(sql), statement).first->second;
    }
};

namespace {

// The texts are not copied: the cells outlive the step.
void bind(sqlite3_stmt* statement, const std::vector<Cell>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const int index = static_cast<int>(i) + 1;
        if (const auto* number = std::get_if<std::int64_t>(&cells[i])) {
            sqlite3_bind_int64(statement, index, *number);
        } else {
            const auto& words = std::get<std::string>(cells[i]);
            sqlite3_bind_text64(statement, index, words.data(), words.size(), SQLITE_STATIC, SQLITE_UTF8);
        }
    }
}

// Everything but a whole number is read as text, as it was bound.
Row current_row(sqlite3_stmt* statement) {
    Row row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        if (sqlite3_column_type(statement, i) == SQLITE_INTEGER) {
            row.emplace_back(static_cast<std::int64_t>(sqlite3_column_int64(statement, i)));
            continue;
        }
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
        row.emplace_back(bytes ? std::string(bytes, size) : std::string());
    }
    return row;
}

constexpr int busy_timeout_ms = 10'000;

}  // namespace

Database::Database(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Database::~Database() = default;

// A write-ahead log lets others read while one writes. `NORMAL` may lose the last commits with the power, never the
// order of them.
base::Result<std::unique_ptr<Database>> Database::open(const std::string& path, Open how, Sync sync) {
    auto inside = std::make_unique<Inside>();
    inside->path = path;
    inside->how = how;
    const int flags = (how == Open::read_write  ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                       : how == Open::read_only ? SQLITE_OPEN_READONLY
                                                : SQLITE_OPEN_READWRITE) |
                      SQLITE_OPEN_NOMUTEX;
    if (const int code = sqlite3_open_v2(path.c_str(), &inside->connection, flags, nullptr); code != SQLITE_OK)
        return inside->error(code);
    sqlite3_extended_result_codes(inside->connection, 1);
    sqlite3_busy_timeout(inside->connection, busy_timeout_ms);
    auto database = std::unique_ptr<Database>(new Database(std::move(inside)));
    if (how == Open::read_only) return database;
    // No lock file and no shared memory: for a folder that nothing can be written to. A checkpoint at the end would
    // write as well.
    if (how == Open::read_alone) {
        sqlite3_db_config(database->inside_->connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        if (auto rows = database->query("PRAGMA locking_mode=EXCLUSIVE"); !rows) return std::move(rows).error();
        if (auto rows = database->query("PRAGMA query_only=1"); !rows) return std::move(rows).error();
        return database;
    }
    const std::string level = sync == Sync::power ? "FULL" : "NORMAL";
    for (const auto& pragma : {std::string("PRAGMA journal_mode=WAL"), "PRAGMA synchronous=" + level,
                               std::string("PRAGMA wal_autocheckpoint=4000")})
        if (auto rows = database->query(pragma); !rows) return std::move(rows).error();
    return database;
}

// The statement is reset whatever happened, or it would keep its lock.
base::Result<std::vector<Row>> Database::query(std::string_view sql, const std::vector<Cell>& cells) {
    auto prepared = inside_->prepare(sql);
    if (!prepared) return std::move(prepared).error();
    sqlite3_stmt* statement = *prepared;
    bind(statement, cells);
    std::vector<Row> rows;
    int code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) rows.push_back(current_row(statement));
    std::optional<base::Error> failed;
    if (code != SQLITE_DONE) failed = inside_->error(code);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (failed) return *failed;
    return rows;
}

base::Status Database::run(std::string_view sql, const std::vector<Cell>& cells) {
    auto rows = query(sql, cells);
    if (!rows) return std::move(rows).error();
    return base::Done{};
}

// Several statements at once, without parameters: the tables.
base::Status Database::script(const std::string& sql) {
    const int code = sqlite3_exec(inside_->connection, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return inside_->error(code);
    return base::Done{};
}

// Of the last statement that wrote.
std::int64_t Database::changed_rows() const { return sqlite3_changes(inside_->connection); }
bool Database::is_in_transaction() const { return sqlite3_get_autocommit(inside_->connection) == 0; }

// IMMEDIATE takes the right to write at once: what is read in the transaction cannot be changed by another before it is
// written.
base::Result<Transaction> Transaction::begin(Database& database) {
    if (auto status = database.run("BEGIN IMMEDIATE"); !status) return std::move(status).error();
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
    if (database_ != nullptr && database_->is_in_transaction()) (void)database_->run("ROLLBACK");
}

// A commit that failed leaves the transaction open, and the destructor rolls it back.
base::Status Transaction::commit() {
    auto status = database_->run("COMMIT");
    if (status) database_ = nullptr;
    return status;
}

}  // namespace pvsplan::store
