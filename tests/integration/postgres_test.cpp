// What a store on a server meets: its leases expire by its clock, connections are lost, servers fail over.
#include "tests/integration/postgres_store.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <future>

#include "runtime/store/postgres.hpp"
#include "runtime/store/postgres_store.hpp"
#include "tests/integration/relay.hpp"
#include "tests/unit/soon.hpp"
#include "tests/unit/store/stores.hpp"

namespace pvsplan::store::test {

using integration::Relay;
using ports::Expiry;
using ports::Lease;
using ports::Runs;
using ports::Take;
using tests::sleep_ms;
using tests::soon;

namespace {

// A process of another machine.
ports::LeaseOwner far(const char* run) {
    ports::LeaseOwner one = owner(run);
    one.who.space = "pid:[1] ";
    one.who.machine = "another";
    return one;
}

std::string why(const base::Status& status) { return status.ok() ? "" : status.error().text(); }

std::string url_of(const std::string& hosts, const std::string& parameters = "ttl=30") {
    return "postgresql://owner@" + hosts + "/postgres?" + parameters;
}

std::string refused(const std::string& url) {
    const auto store = open_postgres_store(*base::store_name(url));
    return store.ok() ? "" : store.error().text();
}

// One server, and a copy that follows it over a link which can be held up.
struct Pair {
    integration::Postgres first;
    Relay link{first.port()};
    integration::Postgres second{
        {.settings = {"synchronous_standby_names=''"},
         .copy_of = "host=127.0.0.1 user=owner application_name=copy port=" + std::to_string(link.port())}};

    void wait_for_copies() const {
        (void)first.sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
        (void)first.sql("SELECT pg_reload_conf()");
        REQUIRE(soon([&] { return first.sql("SELECT sync_state FROM pg_stat_replication") == "sync"; }));
    }
    // How many commits wait for the copy.
    [[nodiscard]] int waiting() const {
        return std::stoi(first.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"));
    }
    [[nodiscard]] std::string url(const std::string& parameters = "ttl=30") const {
        return url_of(at(first.port()) + "," + at(second.port()), parameters);
    }
};

// A run with a lease of its own that appends records, each once.
struct Writer {
    std::unique_ptr<ports::Store> store;
    std::string name;
    Lease lease;
    std::uint64_t written = 0;

    Writer(const std::string& url, std::string run) : store(opened(url)), name(std::move(run)) {
        lease = acquired(*store, name.c_str());
        REQUIRE(store->create_run(lease, row(), "p", Runs::Use::many, {}).ok());
    }
    [[nodiscard]] ports::RunRow row() const { return run_row(name.c_str(), "d", name.c_str()); }
    base::Status append() {
        const std::uint64_t next = written + 1;
        base::Status done = store->append(lease, name, {record(next, std::to_string(next).c_str())}, std::nullopt, 7);
        if (done) written = next;
        return done;
    }
};

// Each of what is written, cut at the words of its last request.
struct Cutting {
    const char* what;
    const char* words;
    std::function<void(ports::Store&, const Lease&)> go;
    int ttl_s = 30;
};

const std::vector<Cutting>& cuttings() {
    static const std::vector<Cutting> all = {
        {"append", "pvsplan.append(",
         [](ports::Store& store, const Lease& lease) {
             CHECK(why(store.append(lease, "one", {record(1, "a"), record(2, "b")}, "halted", 9)).empty());
             CHECK((store.run("one").value()->records == 2 && store.records("one").value().size() == 2));
             CHECK(why(store.append(lease, "one", {record(3, "c")}, std::nullopt, 9)).empty());
         }},
        {"create", "COMMIT",
         [](ports::Store& store, const Lease& lease) {
             CHECK(
                 why(store.create_run(lease, run_row("two", "d2"), "q", Runs::Use::single, {record(1, "a")})).empty());
             CHECK(store.records("two").value().size() == 1);
             CHECK_FALSE(store.create_run(lease, run_row("two", "d3"), "q", Runs::Use::single, {record(1, "a")}).ok());
         }},
        {"acquire", "COMMIT",
         [](ports::Store& store, const Lease&) {
             const auto taken = store.acquire("fabrikam", far("one"), Take::if_free);
             REQUIRE((taken.ok() && taken->lease));
             CHECK(*store.may_command(*taken->lease));
             CHECK_FALSE(store.acquire("fabrikam", far("one"), Take::if_free)->lease);
         }},
        {"release", "COMMIT",
         [](ports::Store& store, const Lease& lease) {
             CHECK(why(store.release(lease)).empty());
             CHECK_FALSE(store.held("contoso").value());
             CHECK_FALSE(store.append(lease, "one", {record(1, "a")}, "", 9).ok());
         }},
        {"post", "INSERT INTO pvsplan.messages",
         [](ports::Store& store, const Lease&) {
             CHECK(why(store.post_message("one", "hello")).empty());
             CHECK(store.messages("one").value().size() == 1);
         }},
        {"renew", "UPDATE pvsplan.farms SET expires_at",
         [](ports::Store& store, const Lease& lease) {
             sleep_ms(3100);  // more than half of its time
             CHECK(*store.renew(lease));
         },
         6},
    };
    return all;
}

}  // namespace

TEST_CASE("postgres: a lease is kept while its owner is busy, and expires by the clock of the server once that hangs",
          "[store]") {
    const Postgres kept;
    const int ttl_ms = 12'000;
    const auto mine = opened(kept.url("ttl=12"));
    const auto other = opened(kept.url("ttl=30"));
    const auto lease = mine->acquire("contoso", far("one"), Take::if_free);
    REQUIRE((lease.ok() && lease->lease));
    sleep_ms(ttl_ms / 8);
    mine->heartbeat();
    sleep_ms(ttl_ms);  // for which the loop hangs in a call
    CHECK((*other->held("contoso"))->expiry == Expiry::valid);
    CHECK_FALSE(other->acquire("contoso", far("two"), Take::if_free)->lease);
    CHECK(*mine->may_command(*lease->lease));
    CHECK(soon([&] { return (*other->held("contoso"))->expiry == Expiry::expired; }));
    const auto next = other->acquire("contoso", far("two"), Take::if_free);
    REQUIRE((next.ok() && next->lease));
    CHECK(next->held_by->expiry == Expiry::expired);
    CHECK_FALSE(*mine->may_command(*lease->lease));
    CHECK_FALSE(*mine->renew(*lease->lease));
}

TEST_CASE("postgres: a connection that is cut before or after the server has a request leaves it done once",
          "[store]") {
    for (const Cutting& cutting : cuttings())
        for (const Relay::Cut when : {Relay::Cut::before, Relay::Cut::after}) {
            INFO(cutting.what << (when == Relay::Cut::before ? " before" : " after"));
            const Postgres kept;
            Relay relay(Postgres::server().port());
            const auto store = opened("postgresql://ops@" + at(relay.port()) + "/" + kept.database() +
                                      "?ttl=" + std::to_string(cutting.ttl_s));
            const Lease lease = acquired(*store);
            REQUIRE(store->create_run(lease, run_row("one", "d1"), "p", Runs::Use::single, {}).ok());
            relay.cut(when, cutting.words);
            cutting.go(*store, lease);
            CHECK(relay.cuts() == 1);
        }
}

TEST_CASE("postgres: what a stopped backend was told arrives late, and is not done twice", "[store]") {
    const Postgres kept;
    const auto store = opened(kept.url("ttl=8"));
    const Lease lease = acquired(*store);
    REQUIRE(store->create_run(lease, run_row("one", "d1"), "p", Runs::Use::single, {}).ok());
    const int backend = std::stoi(Postgres::server().sql("SELECT pid FROM pg_stat_activity WHERE datname = '" +
                                                         kept.database() + "' AND application_name = 'pvsplan'"));
    REQUIRE(::kill(backend, SIGSTOP) == 0);
    const ports::Millis before = ports::since_boot();
    // Its answer is given up after the time of a lease, and another backend asked.
    const auto opened_anew = std::async(std::launch::async, [&] {
        return store->append(lease, "one", {record(1, "a")}, std::nullopt, 9).ok() ||
               store->append(lease, "one", {record(1, "a")}, std::nullopt, 9).ok();
    });
    opened_anew.wait();
    CHECK(ports::since_boot() - before >= 8000);
    REQUIRE(::kill(backend, SIGCONT) == 0);
    CHECK(store->append(lease, "one", {record(2, "b")}, std::nullopt, 9).ok());
    sleep_ms(200);
    CHECK(store->records("one")->size() == 2);
}

TEST_CASE("postgres: an append waits for the copy, also where somebody cancels that", "[store]") {
    Pair pair;
    pair.wait_for_copies();
    Writer writer(pair.url("copies=2"), "one");
    pair.link.hold(Relay::Blocks::all);
    auto appended = std::async(std::launch::async, [&] { return writer.append(); });
    const auto cancel = [&] {
        REQUIRE(soon([&] { return pair.waiting() == 1; }));
        (void)pair.first.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
        REQUIRE(appended.wait_for(std::chrono::milliseconds(300)) == std::future_status::timeout);
    };
    for (int i = 0; i < 3; ++i) cancel();
    (void)pair.first.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    cancel();
    pair.link.hold(Relay::Blocks::nothing);
    CHECK(why(appended.get()).empty());
    CHECK(soon([&] { return pair.second.sql("SELECT count(*) FROM pvsplan.records") == "1"; }));
    // A message counts as posted as late.
    pair.link.hold(Relay::Blocks::all);
    auto posted = std::async(std::launch::async, [&] { return writer.store->post_message("one", "hello"); });
    REQUIRE(soon([&] { return pair.waiting() == 1; }));
    (void)pair.first.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    REQUIRE(posted.wait_for(std::chrono::milliseconds(300)) == std::future_status::timeout);
    pair.link.hold(Relay::Blocks::nothing);
    CHECK(why(posted.get()).empty());
    CHECK(writer.store->messages("one")->size() == 1);
    // Nobody is waited for any more: the next append finds that out and stops.
    (void)pair.first.sql("ALTER SYSTEM SET synchronous_standby_names = ''");
    (void)pair.first.sql("SELECT pg_reload_conf()");
    writer.store.reset();
    CHECK(soon(
        [&] { return refused(pair.url("copies=2")).find("its server waits for no other copy") != std::string::npos; }));
}

TEST_CASE("postgres: the server dies under 16 writers, its copy takes over, and nothing that was confirmed is missing",
          "[store]") {
    Pair pair;
    pair.wait_for_copies();
    Relay deaf(pair.first.port());  // over it eight of them write
    const std::string second = at(pair.second.port());
    std::vector<std::unique_ptr<Writer>> writers;
    for (int i = 0; i < 16; ++i)
        writers.push_back(std::make_unique<Writer>(url_of(at(i < 8 ? deaf.port() : pair.first.port()) + "," + second),
                                                   "run" + std::to_string(i)));
    for (const auto& writer : writers)
        for (int i = 0; i < 5; ++i) REQUIRE(writer->append().ok());
    std::vector<std::future<std::string>> ends;
    const auto begin = [&](std::size_t from) {
        for (std::size_t i = from; i < from + 8; ++i)
            ends.push_back(std::async(std::launch::async, [&, i] {
                for (int count = 0; count < 10; ++count)
                    if (const base::Status status = writers[i]->append(); !status) return why(status);
                return std::string();
            }));
    };
    // Of these the copy has the record, and the answer is lost …
    deaf.hold(Relay::Blocks::answers);
    begin(0);
    REQUIRE(soon([&] { return pair.second.sql("SELECT count(*) FROM pvsplan.records") == "88"; }));
    // … and of these the server that dies has it alone.
    pair.link.hold(Relay::Blocks::all);
    begin(8);
    REQUIRE(soon([&] { return pair.waiting() == 8; }));
    pair.first.kill();
    pair.second.promote();
    deaf.hold(Relay::Blocks::nothing);
    for (auto& end : ends) CHECK(end.get() == "");
    for (const auto& writer : writers) {
        const auto records = *writer->store->records(writer->name);
        CHECK((writer->written == 15 && records.size() == 15));
        for (std::size_t i = 0; i < records.size(); ++i) CHECK(records[i].bytes == std::to_string(i + 1));
        CHECK_FALSE(writer->store->is_put_back());
    }
}

TEST_CASE("postgres: a copy that lagged behind is told for what it is, and nothing goes on from there", "[store]") {
    Pair pair;
    Writer writer(pair.url(), "one");
    Writer reader(pair.url(), "two");
    REQUIRE(writer.append().ok());
    const auto has = [&](const std::string& count) {
        return soon([&] { return pair.second.sql("SELECT count(*) FROM pvsplan.records") == count; });
    };
    REQUIRE(has("1"));
    pair.link.hold(Relay::Blocks::all);
    for (int i = 0; i < 3; ++i) REQUIRE(writer.append().ok());
    REQUIRE(reader.append().ok());
    const auto shown = opened(pair.url());
    REQUIRE(shown->records("two")->size() == 1);
    Writer late(pair.url("ttl=24"), "three");
    pair.first.kill();
    pair.second.promote();
    CHECK_THAT(why(writer.append()),
               Catch::Matchers::Contains("of the run `one` 3 records are missing that it had confirmed"));
    CHECK(writer.store->is_put_back());
    CHECK_FALSE(writer.append().ok());
    CHECK(why(writer.store->append(writer.lease, "one", {}, std::nullopt, 9)).find("3 records are missing") !=
          std::string::npos);
    // Whoever has but read them knows it as well.
    CHECK(why(shown->append(reader.lease, "two", {record(2, "2")}, std::nullopt, 9))
              .find("of the run `two` 1 record is missing") != std::string::npos);
    CHECK(shown->is_put_back());
    // A lease that is gone was not taken by anybody.
    sleep_ms(9000);  // more than a third of its time
    const auto renewed = late.store->renew(late.lease);
    CHECK((!renewed.ok() && late.store->is_put_back()));
    CHECK(why(late.append()).find("0 records are missing") != std::string::npos);
}

TEST_CASE("postgres: a server that would confirm what it can lose is refused", "[store]") {
    const Postgres kept;
    const std::string name = kept.database();
    const auto set = [&](const std::string& what) {
        (void)Postgres::server().sql("ALTER DATABASE " + name + " " + what);
    };
    CHECK(refused(kept.url("copies=2")).find("its server waits for no other copy") != std::string::npos);
    set("SET synchronous_commit = off");
    CHECK(refused(kept.url()).find("synchronous_commit = off") != std::string::npos);
    set("SET synchronous_commit = local");
    CHECK(refused(kept.url()).empty());
    CHECK(refused(kept.url("copies=2")).find("`synchronous_commit` is `local`") != std::string::npos);
    set("SET synchronous_commit = on");
    set("SET client_min_messages = error");
    CHECK(refused(kept.url()).empty());  // where no copy is waited for, nothing is warned of
    const integration::Postgres quiet({.settings = {"client_min_messages=error", "synchronous_standby_names='a'"}});
    CHECK(refused(url_of(at(quiet.port()))).find("client_min_messages = error") != std::string::npos);
    const integration::Postgres careless({.settings = {"fsync=off"}});
    CHECK(refused(url_of(at(careless.port()))).find("`fsync = off`") != std::string::npos);
}

TEST_CASE("postgres: a database that may only be read shows its runs, and takes none", "[store]") {
    const Postgres kept;
    {
        const auto store = opened(kept.url());
        REQUIRE(store->create_run(acquired(*store), run_row("one", "d1"), "p", Runs::Use::single, {}).ok());
    }
    (void)Postgres::server().sql("ALTER DATABASE " + kept.database() + " SET default_transaction_read_only = on");
    const auto store = open_postgres_store_to_read(*base::store_name(kept.url()));
    REQUIRE(store.ok());
    CHECK((*store)->runs()->size() == 1);
    CHECK(refused(kept.url()).find("`default_transaction_read_only` was set") != std::string::npos);
    (void)Postgres::server().sql("ALTER DATABASE " + kept.database() + " RESET default_transaction_read_only");
}

TEST_CASE("postgres: a server that waits for a copy which is not there is told for that", "[store]") {
    const integration::Postgres alone;
    const std::string url = url_of(at(alone.port()), "ttl=8");
    const auto waits_for = [&](const char* names) {
        (void)alone.sql("ALTER SYSTEM SET synchronous_standby_names = '" + std::string(names) + "'");
        (void)alone.sql("SELECT pg_reload_conf()");
        REQUIRE(soon([&] { return alone.sql("SHOW synchronous_standby_names") == names; }));
    };
    waits_for("a");
    CHECK(refused(url).find("no standby is connected") != std::string::npos);
    waits_for("");
    const auto store = opened(url);
    waits_for("a");
    const auto taken = store->acquire("contoso", far("one"), Take::if_free);
    REQUIRE_FALSE(taken.ok());
    CHECK(taken.error().text().find("no standby is connected") != std::string::npos);
    waits_for("");
}

TEST_CASE("postgres: a timeout of the server that is too short is told for that", "[store]") {
    const Postgres kept;
    (void)Postgres::server().sql("ALTER DATABASE " + kept.database() + " SET statement_timeout = '1ms'");
    CHECK(refused(kept.url("ttl=2")).find("the `statement_timeout` of this role, database or server is too short") !=
          std::string::npos);
}

TEST_CASE(
    "postgres: a server that may be there soon is waited for, which is said once, and what is wrong is told at once",
    "[store]") {
    integration::Postgres server({.settings = {"max_connections=4", "superuser_reserved_connections=0"}});
    const integration::Postgres locked({.password = "right"});
    std::vector<std::string> told;
    // `then`: what becomes of the server once it is waited for.
    const auto tried = [&](
                           const std::string& url, const std::function<void()>& then = [] {}) {
        told.clear();
        const auto store = open_postgres_store(*base::store_name(url), [&](const std::string& words) {
            told.push_back(words);
            then();
        });
        return store.ok() ? "" : store.error().text();
    };
    const std::string good = url_of(at(server.port()), "ttl=60&connect_timeout=60");
    CHECK(tried(good).empty());
    CHECK(told.empty());
    server.kill();
    CHECK(tried(good, [&] { server.start(); }).empty());
    REQUIRE(told.size() == 1);
    CHECK(told[0].find("Connection refused") != std::string::npos);
    {
        // All connections are taken until somebody is waited for.
        std::vector<std::unique_ptr<Connection>> taken;
        for (auto one = Connection::open(*base::store_name(good), Connection::For::writing); one;
             one = Connection::open(*base::store_name(good), Connection::For::writing))
            taken.push_back(std::move(*one));
        REQUIRE_FALSE(taken.empty());
        CHECK(tried(good, [&] { taken.clear(); }).empty());
        REQUIRE(told.size() == 1);
        CHECK(told[0].find("too many clients already") != std::string::npos);
    }
    for (const auto& [url, why] :
         {std::pair{url_of(at(locked.port()), "connect_timeout=60"), "no password supplied"},
          {"postgresql://owner@" + at(server.port()) + "/none?connect_timeout=60", "does not exist"},
          {"postgresql://nobody@" + at(server.port()) + "/postgres?connect_timeout=60", "does not exist"},
          {good + "&sslmode=require", "SSL"}}) {
        CHECK(tried(url).find(why) != std::string::npos);
        CHECK(told.empty());
    }
    server.kill();
    CHECK(tried(url_of(at(server.port()), "connect_timeout=1")).find("Connection refused") != std::string::npos);
    CHECK(told.size() == 1);
}

TEST_CASE("postgres: a database that cannot keep every name takes no store", "[store]") {
    const auto made = [](const std::string& encoding) {
        (void)Postgres::server().sql("CREATE DATABASE " + encoding +
                                     " OWNER ops TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' ENCODING '" + encoding +
                                     "'");
        return refused("postgresql://ops@" + at(Postgres::server().port()) + "/" + encoding + "?ttl=20");
    };
    CHECK(made("latin1").find("has the encoding LATIN1, in which not all names can be kept") != std::string::npos);
    CHECK(made("sql_ascii").empty());
}

TEST_CASE("postgres: settings of a database change nothing of what is kept in it", "[store]") {
    const Postgres kept;
    const auto set = [&](const std::string& what) {
        (void)Postgres::server().sql("ALTER DATABASE " + kept.database() + " SET " + what);
    };
    for (const char* setting :
         {"bytea_output = escape", "standard_conforming_strings = off", "array_nulls = off", "datestyle = 'SQL, DMY'",
          "lock_timeout = 50", "default_transaction_isolation = serializable", "client_min_messages = error",
          "search_path = ''", "timezone = 'Asia/Kolkata'"})
        set(setting);
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    bytes += "\\x00\\\\101'\"{,}";
    const auto store = opened(kept.url());
    const Lease lease = acquired(*store);
    REQUIRE(why(store->create_run(lease, run_row("one", "d1"), bytes, Runs::Use::single, {})).empty());
    REQUIRE(why(store->append(lease, "one", {{.number = 1, .bytes = bytes, .hash = "h"}}, std::nullopt, 9)).empty());
    CHECK(store->plan_bytes("one").value() == bytes);
    REQUIRE(store->records("one").value().size() == 1);
    CHECK(store->records("one").value()[0].bytes == bytes);
    CHECK(why(store->post_message("one", bytes)).empty());
    CHECK(store->messages("one").value().at(0).bytes == bytes);
}

TEST_CASE("postgres: several processes that come first make the tables once", "[store]") {
    const Postgres kept;
    std::vector<std::future<std::string>> all;
    for (int i = 0; i < 8; ++i) all.push_back(std::async(std::launch::async, [&] { return refused(kept.url()); }));
    for (auto& one : all) CHECK(one.get() == "");
    CHECK(Postgres::server().sql("SELECT count(*) FROM pvsplan.version", kept.database()) == "1");
}

TEST_CASE("postgres: a store of the first version is brought to this one by whoever owns it", "[store]") {
    const Postgres kept;
    const auto sql = [&](const std::string& text) { return Postgres::server().sql(text, kept.database()); };
    Writer before(kept.url(), "one");
    REQUIRE(before.append().ok());
    for (const char* one : {"append", "ask", "take", "report", "be_present"})
        (void)sql("DROP FUNCTION pvsplan." + std::string(one));
    (void)sql("UPDATE pvsplan.version SET number = 1; ALTER TABLE pvsplan.archived DROP outcome, DROP begun_as");
    const auto shown = open_postgres_store_to_read(*base::store_name(kept.url()));
    CHECK((!shown.ok() && shown.error().text().find("is of the older version 1") != std::string::npos));
    (void)sql("CREATE ROLE guest LOGIN");
    (void)sql("GRANT USAGE ON SCHEMA pvsplan TO guest; GRANT SELECT ON pvsplan.version TO guest");
    std::string as_guest = kept.url();
    as_guest.replace(as_guest.find("ops@"), 3, "guest");
    CHECK(refused(as_guest).find("whoever owns its tables brings it to version 2") != std::string::npos);
    std::vector<std::future<std::string>> all;
    for (int i = 0; i < 8; ++i) all.push_back(std::async(std::launch::async, [&] { return refused(kept.url()); }));
    for (auto& one : all) CHECK(one.get().empty());
    CHECK(before.append().ok());
    CHECK(before.store->last_run_of("d")->value().id == "one");
    CHECK(sql("SELECT number FROM pvsplan.version") == "2");
    (void)sql("UPDATE pvsplan.version SET number = 3");
    CHECK(refused(kept.url()).find("use a newer pvsplan") != std::string::npos);
}

}  // namespace pvsplan::store::test
