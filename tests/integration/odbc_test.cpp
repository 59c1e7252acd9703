// Against a PostgreSQL of the tests' own (odbc-postgresql) and SQLite (libsqliteodbc).
#include "runtime/transport/odbc.hpp"

#include <unistd.h>
#include <csignal>

#include "compiler/program/json_text.hpp"
#include "tests/integration/postgres.hpp"
#include "tests/integration/sshd.hpp"
#include "tests/unit/skip.hpp"

using namespace pvsplan;
using namespace pvsplan::transport_tests;

namespace {

constexpr const char* password = "pw'd;{}= \\ 7";

std::string driver(const std::string& file) {
    return integration::output_of(
        {"sh", "-c", "ls /usr/lib/*/odbc/" + file + " 2>/dev/null | head -n 1 | tr -d '\\n'"});
}

integration::PostgresOptions with_password() { return {.password = password, .settings = {"fsync=off"}}; }

program::Object host_of(const integration::Postgres& postgres) {
    program::Object object{.id = "database/main", .kind = "database", .name = "main"};
    const auto text = [](std::string value) { return program::Value::string(std::move(value)); };
    object.connect = {{"over", text("odbc")},
                      {"driver", text(driver("psqlodbcw.so"))},
                      {"server", text("127.0.0.1")},
                      {"port", program::Value::integer(postgres.port())},
                      {"database", text("postgres")},
                      {"user", text("owner")},
                      {"password", program::Value::secret("db")}};
    return object;
}

bool is_possible() {
    static const bool possible = integration::Postgres::is_possible() && !driver("psqlodbcw.so").empty();
    if (!possible) pvsplan::tests::skip("postgresql and odbc-postgresql are not installed");
    return possible;
}

struct Coordinator {
    ports::Mailbox mailbox;
    transport::Loop loop;
    std::unique_ptr<ports::Transport> odbc =
        transport::make_odbc(loop, mailbox, {.login_timeout_s = 30, .first_retry_ms = 100, .max_retry_ms = 300});
    Inbox inbox{mailbox};
    JobEvent run(Job job) {
        const auto key = job.key;
        inbox.clear();
        odbc->start_or_attach(std::move(job));
        return inbox.end_of(key);
    }
};

Job sql(const program::Object& host, std::string key, std::string text, std::string data = "{}") {
    Job job;
    job.key = std::move(key);
    job.host = &host;
    job.body = program::Body::Type::sql;
    job.text = std::move(text);
    job.data = std::move(data);
    job.connect_secrets["db"] = password;
    return job;
}

std::string json_string(std::string_view text) {
    std::string json;
    program::write_json_string(json, text);
    return json;
}

// Valid UTF-8 alone: what a plan may hold.
std::string nasty_utf8(std::mt19937& random, std::size_t size) {
    std::string text;
    for (const char c : nasty_text(random, size)) text += c;
    std::string valid;
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        const std::size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
        bool fine = length > 0 && i + length <= text.size();
        for (std::size_t k = 1; fine && k < length; ++k)
            fine = (static_cast<unsigned char>(text[i + k]) & 0xc0U) == 0x80U;
        if (fine) valid += text.substr(i, length);
        i += fine ? length : 1;
    }
    return valid;
}

}  // namespace

TEST_CASE("odbc: a database") {
    if (!is_possible()) return;
    integration::Postgres postgres(with_password());
    const auto host = host_of(postgres);
    Coordinator us;

    // batches, rows, counts, messages
    auto event = us.run(sql(host, "a1",
                            "CREATE TABLE t (id bigint, name text, fine boolean)\nGO\n"
                            "INSERT INTO t VALUES (:With.id, :With.name, :With.fine), (2, NULL, false)\nGO\n"
                            "DO $$ BEGIN RAISE NOTICE 'noted :With.name'; END $$\nGO\n"
                            "SELECT id, name, fine FROM t ORDER BY id",
                            R"({"With":{"id":9007199254740993,"name":"x'); DROP TABLE t; --","fine":true}})"));
    CAPTURE(event.text);
    CAPTURE(event.err);
    REQUIRE(event.type == JobEventType::ended);
    CHECK(event.exit_status == 0);
    CHECK(event.err.find("2 rows affected") != std::string::npos);
    CHECK(event.out ==
          "{\"id\":2,\"name\":null,\"fine\":false}\n"
          "{\"id\":9007199254740993,\"name\":\"x'); DROP TABLE t; --\",\"fine\":true}\n");

    // an error names its batch, ends the script and what the batch began
    event = us.run(sql(host, "a2", "BEGIN\nGO\nDELETE FROM t\nGO\nSELECT * FROM nowhere\nGO\nCOMMIT"));
    CHECK(event.exit_status == 1);
    CHECK(event.err.find("batch 3 of 4 (line 5): [42P01]") != std::string::npos);
    CHECK(us.run(sql(host, "a3", "SELECT count(*) AS n FROM t")).out == "{\"n\":2}\n");
    CHECK(us.run(sql(host, "a4", "BEGIN\nGO\nDELETE FROM t\nGO\nCOMMIT")).exit_status == 0);
    CHECK(us.run(sql(host, "a5", "SELECT count(*) AS n FROM t")).out == "{\"n\":0}\n");

    // values byte for byte
    std::mt19937 random(7);
    for (int i = 0; i < 24; ++i) {
        const auto text = nasty_utf8(random, i % 8 == 0 ? 100'000 : 300);
        auto job = sql(host, "v" + std::to_string(i),
                       "SELECT CAST(:With.text AS text) AS back, CAST(:Secret.s AS text) AS hush",
                       "{\"With\":{\"text\":" + json_string(text) + "}}");
        job.secrets["s"] = nasty_utf8(random, 30);
        event = us.run(job);
        REQUIRE(event.exit_status == 0);
        REQUIRE(event.out == "{\"back\":" + json_string(text) + ",\"hush\":" + json_string(job.secrets["s"]) + "}\n");
    }

    // who may not log in
    auto wrong = sql(host, "w1", "SELECT 1");
    wrong.patience_ms = 5000;
    wrong.connect_secrets["db"] = "wrong-password";
    event = us.run(wrong);
    CHECK(event.type == JobEventType::never_started);
    CHECK(event.text.find("wrong-password") == std::string::npos);
    wrong.connect_secrets.clear();
    CHECK(us.run(wrong).text == "the secret `db` was not given");

    // a timeout: lost, and the database goes on
    auto slow = sql(host, "s1", "SELECT pg_sleep(10)\nGO\nINSERT INTO t VALUES (77)");
    slow.timeout_ms = 300;
    CHECK(us.run(slow).type == JobEventType::lost);
    // who attaches waits until the session is over, and then knows that nothing runs
    slow.ask = Job::Ask::attach;
    slow.timeout_ms = 0;
    slow.patience_ms = tests::patience_ms;
    CHECK(us.run(slow).type == JobEventType::no_record);
    CHECK(us.run(sql(host, "a6", "SELECT id FROM t")).out == "{\"id\":77}\n");

    // the connection breaks under a batch
    auto cut = sql(host, "c1", "SELECT pg_sleep(600)");
    us.inbox.clear();
    us.odbc->start_or_attach(cut);
    int tries = 0;
    const auto is_cut = [&] {
        Coordinator other;
        return other
                   .run(sql(host, "k" + std::to_string(++tries),
                            "SELECT pg_terminate_backend(pid) AS cut FROM pg_stat_activity WHERE query LIKE "
                            "'SELECT pg_sleep(600)%'"))
                   .out.find("true") != std::string::npos;
    };
    REQUIRE(soon(is_cut));
    event = us.inbox.end_of("c1");
    CHECK(event.type == JobEventType::lost);

    // the database is away, and comes back
    postgres.kill();
    auto patient = sql(host, "p1", "SELECT 5 AS five");
    patient.patience_ms = tests::patience_ms;
    us.inbox.clear();
    us.odbc->start_or_attach(patient);
    CHECK(us.inbox.sees("p1", JobEventType::unreachable));
    postgres.start();
    CHECK(us.inbox.end_of("p1").out == "{\"five\":5}\n");
    CHECK(us.inbox.sees("p1", JobEventType::reachable, 0));

    // more statements than sessions
    for (int i = 0; i < 60; ++i)
        us.odbc->start_or_attach(sql(host, "m" + std::to_string(i), "SELECT " + std::to_string(i) + " AS n"));
    for (int i = 0; i < 60; ++i)
        CHECK(us.inbox.end_of("m" + std::to_string(i)).out == "{\"n\":" + std::to_string(i) + "}\n");
}

TEST_CASE("odbc: a coordinator that goes away ends what its connections run") {
    if (!is_possible()) return;
    integration::Postgres postgres(with_password());
    const auto host = host_of(postgres);
    {
        Coordinator first;
        first.odbc->start_or_attach(sql(host, "l1", "SELECT pg_sleep(60)"));
        sleep_ms(700);
    }
    Coordinator second;
    auto job = sql(host, "l1", "SELECT pg_sleep(60)");
    job.ask = Job::Ask::attach;
    job.patience_ms = tests::patience_ms;
    CHECK(second.run(job).type == JobEventType::no_record);
}

TEST_CASE("odbc: a coordinator that goes away while its statements begin does not wait for their end") {
    if (!is_possible()) return;
    integration::Postgres postgres(with_password());
    const auto host = host_of(postgres);
    for (int i = 0; i < 20; ++i) {
        const ports::Millis before = ports::since_boot();
        {
            Coordinator us;
            for (int k = 0; k < 4; ++k)
                us.odbc->start_or_attach(
                    sql(host, "w" + std::to_string(4 * i + k), "SELECT 1\nGO\nSELECT 1\nGO\nSELECT pg_sleep(600)"));
            sleep_ms(i * 4);
        }
        CHECK(ports::since_boot() - before < 60'000);
    }
}

TEST_CASE("odbc: SQLite") {
    const auto file = driver("libsqlite3odbc.so");
    if (file.empty()) {
        pvsplan::tests::skip("libsqliteodbc is not installed");
        return;
    }
    const Folder folder;
    program::Object host{.id = "database/file", .kind = "database", .name = "file"};
    host.connect = {{"over", program::Value::string("odbc")},
                    {"driver", program::Value::string(file)},
                    {"database", program::Value::string(folder / "x.db")}};
    Coordinator us;
    auto event = us.run(
        sql(host, "q1",
            "CREATE TABLE t (a INTEGER, b TEXT)\nGO\nINSERT INTO t VALUES (:With.a, :With.b)\nGO\nSELECT a, b FROM t",
            R"({"With":{"a":5,"b":"it's \"ünï\" 😀\n"}})"));
    CAPTURE(event.text);
    CAPTURE(event.err);
    CHECK(event.type == JobEventType::ended);
    CHECK(event.out == "{\"a\":5,\"b\":\"it's \\\"ünï\\\" 😀\\n\"}\n");
    auto unknown = sql(host, "q2", "SELECT 1");
    unknown.ask = Job::Ask::attach;
    CHECK(us.run(unknown).type == JobEventType::no_record);
}

TEST_CASE("odbc: faults that are reported before anything is opened") {
    program::Object host{.id = "database/x", .kind = "database", .name = "x"};
    Coordinator us;
    CHECK(us.run(sql(host, "e1", "SELECT 1")).text == "`connect` of database/x says neither `driver` nor `dsn`");
    host.connect["driver"] = program::Value::string("No Such Driver");
    const auto event = us.run(sql(host, "e2", "SELECT 1"));
    CHECK(event.type == JobEventType::never_started);
    CHECK(event.text.find("IM002") + event.text.find("01000") != 0);
    CHECK(us.run(sql(host, "e3", "SELECT 'x")).text == "line 1 of the script: a literal has no end");
    CHECK(us.run(sql(host, "e4", "SELECT :With.x")).text == "there is no value for `:With.x`");
}
