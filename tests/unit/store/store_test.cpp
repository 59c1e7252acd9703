// What a store promises to whoever keeps runs in it, each promise by itself.
#include <catch2/catch.hpp>

#include <chrono>
#include <fstream>
#include <thread>

#include "compiler/base/digest.hpp"
#include "runtime/store/sqlite.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "tests/unit/store/folder.hpp"

namespace pvsplan::store {
namespace {

using ports::Lease;
using ports::LeaseHolder;
using ports::RecordRow;
using ports::Store;
using ports::Take;
using test::Folder;

ports::RunRow run_row(const char* id, const char* digest) {
    return {.id = id,
            .plan = "restart",
            .farm = "contoso",
            .digest = digest,
            .outcome = "",
            .begun_at = 5,
            .touched_at = 6};
}
RecordRow record(std::uint64_t number, const char* bytes) {
    return {.number = number, .bytes = bytes, .hash = base::sha256_hex(bytes)};
}
LeaseHolder holder(const char* run) {
    LeaseHolder one{.who = ports::who_am_i(), .run = run, .since = 77};
    return one;
}
Lease taken(Store& store, Take how = Take::if_free) {
    const auto result = store.acquire("contoso", holder("one"), how);
    REQUIRE(result.ok());
    REQUIRE(result->lease);
    return *result->lease;
}

std::unique_ptr<Store> open(const Folder& folder) {
    auto store = open_sqlite_store(folder.db());
    REQUIRE(store.ok());
    return std::move(*store);
}

struct StoreFile {
    Folder folder;
    std::unique_ptr<Store> store = open(folder);
};

}  // namespace

TEST_CASE("store: a run, its plan and its records are there as they were given, also for another process") {
    StoreFile opened;
    const Lease lease = taken(*opened.store);
    REQUIRE(
        opened.store->create_run(lease, run_row("one", "d1"), "the plan", Store::Use::single, {record(1, "a")}).ok());
    REQUIRE(opened.store->append(lease, "one", {record(2, "b"), record(3, "c")}, "done", 9).ok());
    const auto other = open_sqlite_store_to_read(opened.folder.db());
    REQUIRE(other.ok());
    for (Store* store : {opened.store.get(), other->get()}) {
        const auto run = store->run("one");
        REQUIRE((run.ok() && run->has_value()));
        const ports::RunRow& row = **run;
        CHECK((row.id == "one" && row.plan == "restart" && row.farm == "contoso" && row.digest == "d1"));
        CHECK((row.outcome == "done" && row.begun_at == 5 && row.touched_at == 9));
        CHECK((row.records == 3 && row.head == base::sha256_hex("c")));
        CHECK(*store->plan_bytes("one") == "the plan");
        const auto records = store->records("one");
        REQUIRE((records.ok() && records->size() == 3));
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK((*records)[i].number == i + 1);
            CHECK((*records)[i].bytes == std::string(1, static_cast<char>('a' + i)));
            CHECK((*records)[i].hash == base::sha256_hex((*records)[i].bytes));
        }
    }
    CHECK(opened.store->records("two")->empty());
    CHECK_FALSE(opened.store->run("two")->has_value());
    const auto missing = opened.store->plan_bytes("two");
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().text() == "the store has no compiled plan for the run `two`");
}

TEST_CASE("store: an outcome is changed by who says one only, and records alone touch a run") {
    StoreFile opened;
    const Lease lease = taken(*opened.store);
    REQUIRE(opened.store->create_run(lease, run_row("one", "d1"), "the plan", Store::Use::single, {}).ok());
    CHECK((*opened.store->run("one"))->records == 0);
    REQUIRE(opened.store->append(lease, "one", {}, "halted", 20).ok());
    CHECK((*opened.store->run("one"))->outcome == "halted");
    CHECK((*opened.store->run("one"))->touched_at == 20);
    REQUIRE(opened.store->append(lease, "one", {record(1, "a")}, std::nullopt, 30).ok());
    const auto row = *opened.store->run("one");
    CHECK((row->outcome == "halted" && row->touched_at == 30 && row->records == 1));
    REQUIRE(opened.store->append(lease, "one", {}, std::nullopt, 40).ok());
    CHECK((*opened.store->run("one"))->touched_at == 30);
}

TEST_CASE(
    "store: a compiled plan has one run where it may have one only, and runs stand in the order of their creation") {
    StoreFile opened;
    const Lease lease = taken(*opened.store);
    REQUIRE(opened.store->create_run(lease, run_row("z", "d1"), "p", Store::Use::many, {}).ok());
    REQUIRE(opened.store->create_run(lease, run_row("b", "d1"), "p", Store::Use::many, {}).ok());
    const base::Status again = opened.store->create_run(lease, run_row("c", "d1"), "p", Store::Use::single, {});
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().text().find("this compiled plan has had its run: `") == 0);
    REQUIRE(opened.store->create_run(lease, run_row("a", "d2"), "q", Store::Use::single, {}).ok());
    const auto runs = opened.store->runs();
    REQUIRE((runs.ok() && runs->size() == 3));
    CHECK(((*runs)[0].id == "z" && (*runs)[1].id == "b" && (*runs)[2].id == "a"));
    CHECK(*opened.store->plan_bytes("b") == "p");
    CHECK(*opened.store->plan_bytes("a") == "q");
}

TEST_CASE("store: what is refused leaves nothing behind, and holds up nobody") {
    StoreFile opened;
    const Lease lease = taken(*opened.store);
    REQUIRE(opened.store->create_run(lease, run_row("one", "d1"), "p", Store::Use::single, {record(1, "a")}).ok());
    // The second record has the number of one that is there: the first is not written either.
    CHECK_FALSE(opened.store->append(lease, "one", {record(2, "b"), record(1, "x")}, "done", 9).ok());
    CHECK(opened.store->records("one")->size() == 1);
    CHECK((*opened.store->run("one"))->outcome.empty());
    CHECK_FALSE(
        opened.store->create_run(lease, run_row("two", "d2"), "q", Store::Use::single, {record(1, "a"), record(1, "b")})
            .ok());
    CHECK_FALSE(opened.store->run("two")->has_value());
    CHECK_FALSE(opened.store->create_run(lease, run_row("one", "d3"), "r", Store::Use::single, {}).ok());
    CHECK(opened.store->append(lease, "one", {record(2, "b")}, "done", 9).ok());
}

TEST_CASE("store: whoever lost the farm writes nothing more") {
    StoreFile opened;
    const Lease first = taken(*opened.store);
    REQUIRE(opened.store->create_run(first, run_row("one", "d1"), "p", Store::Use::single, {record(1, "a")}).ok());
    CHECK(*opened.store->holds(first));
    const auto refused = opened.store->acquire("contoso", holder("two"), Take::if_free);
    REQUIRE(refused.ok());
    CHECK_FALSE(refused->lease);
    REQUIRE(refused->held_by);
    CHECK((refused->held_by->run == "one" && refused->held_by->since == 77));
    const ports::Identity me = ports::who_am_i();
    CHECK((refused->held_by->who.user == me.user && refused->held_by->who.host == me.host));
    CHECK((refused->held_by->who.pid == me.pid && refused->held_by->who.started == me.started));
    CHECK((refused->held_by->who.machine == me.machine && refused->held_by->who.boot == me.boot));
    CHECK(refused->held_by->who.space == me.space);
    CHECK(*opened.store->holds(first));

    const auto over = opened.store->acquire("contoso", holder("two"), Take::over);
    REQUIRE((over.ok() && over->lease && over->held_by));
    CHECK(over->lease->token > first.token);
    CHECK(over->held_by->run == "one");
    CHECK((*opened.store->holder("contoso"))->run == "two");
    CHECK_FALSE(*opened.store->holds(first));
    CHECK(*opened.store->holds(*over->lease));
    const base::Status late = opened.store->append(first, "one", {record(2, "b")}, "done", 9);
    REQUIRE_FALSE(late.ok());
    CHECK(late.error().text().find("this process has lost its hold on the farm `contoso`") == 0);
    CHECK_FALSE(opened.store->create_run(first, run_row("two", "d2"), "q", Store::Use::many, {}).ok());
    CHECK(opened.store->records("one")->size() == 1);
    REQUIRE(opened.store->release_farm(first).ok());  // it is not its own to release
    CHECK((*opened.store->holder("contoso"))->run == "two");
}

TEST_CASE("store: a farm that is let go, or whose holder is dead, is free; another farm is another one") {
    StoreFile opened;
    const Lease first = taken(*opened.store);
    CHECK_FALSE(opened.store->holder("fabrikam")->has_value());
    CHECK_FALSE(*opened.store->holds({.farm = "fabrikam", .token = 1}));
    REQUIRE(opened.store->release_farm(first).ok());
    CHECK_FALSE(opened.store->holder("contoso")->has_value());
    const Lease second = taken(*opened.store);
    CHECK(second.token == first.token + 1);
    REQUIRE(opened.store->release_farm(second).ok());
    LeaseHolder dead = holder("three");
    dead.who.started = "0";  // there was such a process once
    REQUIRE(opened.store->acquire("contoso", dead, Take::if_free)->lease);
    const auto after = opened.store->acquire("contoso", holder("four"), Take::if_free);
    REQUIRE((after.ok() && after->lease && after->held_by));
    CHECK(after->held_by->run == "three");
}

TEST_CASE("store: messages wait for their run, in their order, until they are removed") {
    StoreFile opened;
    for (const char* bytes : {"a", "b", "c"}) REQUIRE(opened.store->post_message("one", bytes).ok());
    REQUIRE(opened.store->post_message("two", "x").ok());
    const auto messages = opened.store->messages("one");
    REQUIRE((messages.ok() && messages->size() == 3));
    CHECK(((*messages)[0].bytes == "a" && (*messages)[2].bytes == "c" && (*messages)[1].run == "one"));
    REQUIRE(opened.store->remove_messages("one", (*messages)[1].number).ok());
    const auto rest = opened.store->messages("one");
    REQUIRE((rest.ok() && rest->size() == 1));
    CHECK((rest->front().bytes == "c" && rest->front().number == (*messages)[2].number));
    CHECK(opened.store->messages("two")->size() == 1);
}

TEST_CASE("store: the simulated farm keeps what was set last, and the first job of each name") {
    StoreFile opened;
    CHECK(opened.store->simulated_state("contoso")->empty());
    const ports::SimulatedJob job{.key = "k", .ends_at = 3, .takes_ms = 4, .exit_status = 5, .out = "o", .err = "e"};
    ports::SimulatedJob second = job;
    second.out = "other";
    REQUIRE(opened.store
                ->change_simulated("contoso",
                                   {.sets = {{"server/a", "stream", "1"}, {"server/b", "stream", "2"}}, .jobs = {job}})
                .ok());
    REQUIRE(opened.store->change_simulated("contoso", {.sets = {{"server/a", "stream", "3"}}, .jobs = {second}}).ok());
    const auto state = *opened.store->simulated_state("contoso");
    CHECK((state.size() == 2 && state.at("server/a").at("stream") == "3" && state.at("server/b").at("stream") == "2"));
    const auto found = *opened.store->simulated_job("contoso", "k");
    REQUIRE(found);
    CHECK((found->key == "k" && found->ends_at == 3 && found->takes_ms == 4 && found->exit_status == 5));
    CHECK((found->out == "o" && found->err == "e"));
    CHECK_FALSE(opened.store->simulated_job("contoso", "other")->has_value());
    CHECK_FALSE(opened.store->simulated_job("fabrikam", "k")->has_value());
    CHECK(opened.store->simulated_state("fabrikam")->empty());
}

TEST_CASE("store: one commit for all that is given together, and none for what is only read") {
    StoreFile opened;
    const Lease lease = taken(*opened.store);
    REQUIRE(opened.store->create_run(lease, run_row("one", "d1"), "p", Store::Use::single, {record(1, "a")}).ok());
    const std::uint64_t before = opened.store->commits();
    REQUIRE(opened.store->append(lease, "one", {record(2, "b"), record(3, "c")}, "done", 9).ok());
    (void)opened.store->records("one");
    CHECK(opened.store->commits() == before + 1);
}

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

TEST_CASE("store: its records cannot be changed by a careless session") {
    StoreFile opened;
    const Lease lease = taken(*opened.store);
    REQUIRE(opened.store->create_run(lease, run_row("one", "d1"), "p", Store::Use::single, {record(1, "a")}).ok());
    auto session = Database::open(opened.folder.db(), Database::Open::read_write, Database::Sync::power);
    REQUIRE(session.ok());
    CHECK_FALSE((*session)->script("UPDATE records SET bytes = 'x'").ok());
    CHECK_FALSE((*session)->script("DELETE FROM records").ok());
    CHECK(opened.store->records("one")->size() == 1);
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

}  // namespace pvsplan::store
