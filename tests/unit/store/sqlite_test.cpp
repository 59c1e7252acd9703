// What SQLite has to do for the store, and what a file has to be to be one.
#include <chrono>
#include <fstream>
#include <thread>

#include "runtime/store/sqlite.hpp"
#include "tests/unit/store/stores.hpp"

namespace pvsplan::store::test {

TEST_CASE("store: what is no store, or of another version, is refused and left as it is") {
    Folder folder;
    const auto refused = [&](const std::string& path) {
        const auto written = open_sqlite_store(path);
        const auto read = open_sqlite_store_to_read(path);
        REQUIRE_FALSE(written.ok());
        REQUIRE_FALSE(read.ok());
        return written.error().text() + "\n" + read.error().text();
    };
    const auto has = [](const std::string& text, const std::string& part) {
        INFO(text);
        CHECK(text.find(part) != std::string::npos);
    };
    const auto made = [&](const char* name, const std::string& sql) {
        const std::string path = (folder.path / name).string();
        auto database = Database::open(path, Database::Open::read_write, Database::Sync::power);
        REQUIRE(database.ok());
        REQUIRE((*database)->script(sql).ok());
        return path;
    };
    has(refused(made("other.db", "CREATE TABLE t (x);")), "is not a store of pvsplan");
    has(refused(made("marked.db", "PRAGMA application_id=7;")), "is not a store of pvsplan");
    const std::string mine = "PRAGMA application_id=" + std::to_string(0x70767370) + "; PRAGMA user_version=";
    has(refused(made("old.db", mine + "1;")), "is of the older version 1");
    has(refused(made("new.db", mine + "4;")), "use a newer pvsplan");
    has(refused(folder.path.string()), "is no file: a store is kept in one");
    CHECK_FALSE(open_sqlite_store_to_read((folder.path / "none.db").string()).ok());
    CHECK_FALSE(std::filesystem::exists(folder.path / "none.db"));
    std::ofstream(folder.path / "text.db") << std::string(2000, 'x');
    has(refused((folder.path / "text.db").string()), "is damaged");
    CHECK(std::filesystem::file_size(folder.path / "text.db") == 2000);
}

// What a process leaves that was killed while it made its store.
TEST_CASE("store: a new file without a table is a store in which nothing is, and stays as it is") {
    const Folder folder;
    const std::string path = (folder.path / "new.db").string();
    std::ofstream(path).flush();
    for (const bool has_log : {false, true}) {
        if (has_log) REQUIRE(Database::open(path, Database::Open::read_write, Database::Sync::power).ok());
        const auto size = std::filesystem::file_size(path);
        CHECK((size > 0) == has_log);
        const auto read = open_sqlite_store_to_read(path);
        REQUIRE(read.ok());
        CHECK((*read)->runs()->empty());
        CHECK(std::filesystem::file_size(path) == size);
    }
    CHECK(open_sqlite_store(path).ok());
}

TEST_CASE("store: its records cannot be changed by a careless session") {
    const Folder folder;
    const auto opened = open_sqlite_store(folder.db());
    REQUIRE(opened.ok());
    ports::Store& store = **opened;
    const ports::Lease lease = acquired(store);
    REQUIRE(store.create_run(lease, run_row("one", "d1"), "p", ports::Runs::Use::single, {record(1, "a")}).ok());
    auto session = Database::open(folder.db(), Database::Open::read_write, Database::Sync::power);
    REQUIRE(session.ok());
    CHECK_FALSE((*session)->script("UPDATE records SET bytes = 'x'").ok());
    CHECK_FALSE((*session)->script("DELETE FROM records").ok());
    CHECK(store.records("one")->size() == 1);
}

TEST_CASE("store: runs can be taken out of one that an older pvsplan made, and their room goes back to the disk") {
    const Folder folder;
    {
        const auto made = open_sqlite_store(folder.db());
        REQUIRE(made.ok());
        const std::string large(1'000'000, 'x');
        REQUIRE((*made)
                    ->create_run(acquired(**made), run_row("one", "d1"), "p", ports::Runs::Use::single,
                                 {record(1, large.c_str())})
                    .ok());
        REQUIRE((*made)->append(acquired(**made, "contoso", ports::Take::over), "one", {}, "done", 7).ok());
        auto older = Database::open(folder.db(), Database::Open::read_write, Database::Sync::power);
        REQUIRE((*older)
                    ->script("DROP TABLE archived; DROP TRIGGER records_are_never_deleted; CREATE TRIGGER "
                             "records_are_never_deleted BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'no'); END")
                    .ok());
    }
    const auto read = open_sqlite_store_to_read(folder.db());
    REQUIRE(read.ok());
    CHECK_FALSE((*read)->archived("one")->has_value());
    const auto opened = open_sqlite_store(folder.db());
    REQUIRE(opened.ok());
    CHECK(*(*opened)->size() > 1'000'000);
    REQUIRE((*opened)->remove_run(**(*opened)->run("one"), "f").ok());
    REQUIRE((*opened)->give_room_back().ok());
    CHECK(*(*opened)->size() < 200'000);
    CHECK(std::filesystem::file_size(folder.db()) < 200'000);
    CHECK(**(*read)->archived("one") == "f");
}

TEST_CASE("sqlite: a store that says less of archived runs is brought to what is asked of it now") {
    const Folder folder;
    {
        const auto made = open_sqlite_store(folder.db());
        REQUIRE(made.ok());
        auto older = Database::open(folder.db(), Database::Open::read_write, Database::Sync::power);
        REQUIRE((*older)
                    ->script("DROP TABLE archived; CREATE TABLE archived (run TEXT PRIMARY KEY, digest TEXT NOT NULL, "
                             "into_file TEXT NOT NULL) WITHOUT ROWID; INSERT INTO archived VALUES ('one', 'd1', 'f')")
                    .ok());
    }
    CHECK_FALSE((*open_sqlite_store_to_read(folder.db()))->last_run_of("d1")->has_value());
    for (int time = 0; time < 2; ++time) {
        const auto opened = open_sqlite_store(folder.db());
        REQUIRE(opened.ok());
        CHECK(**(*opened)->archived("one") == "f");
        CHECK((*(*opened)->last_run_of("d1"))->id == "one");
        CHECK((*opened)->runs()->empty());
    }
}

TEST_CASE("store: what is written survives the power, and whoever only reads writes nothing") {
    Folder folder;
    const auto pragma = [](Database& database, const char* name) {
        const auto rows = database.query(std::string("PRAGMA ") + name);
        REQUIRE((rows.ok() && rows->size() == 1 && rows->front().size() == 1));
        return rows->front().front();
    };
    const auto safe = Database::open(folder.db(), Database::Open::read_write, Database::Sync::power);
    const auto concurrent = Database::open(folder.db(), Database::Open::read_write, Database::Sync::process);
    REQUIRE((safe.ok() && concurrent.ok()));
    CHECK(std::get<std::string>(pragma(**safe, "journal_mode")) == "wal");
    CHECK(std::get<std::int64_t>(pragma(**safe, "synchronous")) == 2);
    CHECK(std::get<std::int64_t>(pragma(**concurrent, "synchronous")) == 1);
    REQUIRE((*safe)->script("CREATE TABLE t (x, y); INSERT INTO t VALUES (1, 'a')").ok());
    const auto read = Database::open(folder.db(), Database::Open::read_only, Database::Sync::power);
    REQUIRE(read.ok());
    const auto rows = (*read)->query("SELECT x, y FROM t");
    REQUIRE((rows.ok() && rows->size() == 1 && rows->front().size() == 2));
    CHECK((number(rows->front(), 0) == 1 && text(rows->front(), 1) == "a"));
    CHECK_FALSE((*read)->run("INSERT INTO t VALUES (2, 'b')").ok());
    CHECK((*safe)->run("INSERT INTO t VALUES (?, ?)", {std::int64_t{2}, std::string("b")}).ok());
    CHECK((*safe)->changed_rows() == 1);
}

TEST_CASE("store: a commit that fails leaves nothing open") {
    Folder folder;
    const auto database = Database::open(folder.db(), Database::Open::read_write, Database::Sync::power);
    REQUIRE(database.ok());
    REQUIRE((*database)
                ->script("PRAGMA foreign_keys=ON; CREATE TABLE p (x PRIMARY KEY); "
                         "CREATE TABLE c (x REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
                .ok());
    {
        auto transaction = Transaction::begin(**database);
        REQUIRE(transaction.ok());
        REQUIRE((*database)->run("INSERT INTO c VALUES (1)").ok());
        CHECK_FALSE(transaction->commit().ok());
    }
    CHECK_FALSE((*database)->is_in_transaction());
    auto next = Transaction::begin(**database);
    REQUIRE(next.ok());
    CHECK(next->commit().ok());
}

TEST_CASE("store: a process that writes is waited for by the next one") {
    Folder folder;
    const auto open = [&] { return Database::open(folder.db(), Database::Open::read_write, Database::Sync::process); };
    const auto one = open();
    const auto other = open();
    REQUIRE((one.ok() && other.ok()));
    auto writing = Transaction::begin(**one);
    REQUIRE(writing.ok());
    std::thread writer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        (void)writing->commit();
    });
    auto waiting = Transaction::begin(**other);
    writer.join();
    REQUIRE(waiting.ok());
    CHECK(waiting->commit().ok());
}

}  // namespace pvsplan::store::test
