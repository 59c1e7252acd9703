#include "runtime/store/postgres_tables.hpp"

#include <cstdlib>

namespace pvsplan::store {

using base::Done;
using base::Error;
using base::Status;

namespace {

constexpr std::int64_t version = 1;

// `token` of a run is that of the lease on its farm while it is held, else 0: an append looks at this one row.
// `holder` of a farm is a word of whoever holds it, new with each lease; empty: nobody does.
// Records are only ever inserted: the trigger keeps even a careless psql from changing one unnoticed.
constexpr const char* tables = R"sql(
DO $make$ BEGIN
CREATE TABLE pvsplan.plans (sha256 text PRIMARY KEY, bytes bytea NOT NULL);
CREATE TABLE pvsplan.runs (
  id text PRIMARY KEY, plan text NOT NULL, farm text NOT NULL, digest text NOT NULL,
  compiled text NOT NULL REFERENCES pvsplan.plans (sha256),
  outcome text NOT NULL, begun_as bigint GENERATED ALWAYS AS IDENTITY UNIQUE, begun_at bigint NOT NULL,
  touched_at bigint NOT NULL, records bigint NOT NULL, head text NOT NULL DEFAULT '', token bigint NOT NULL)
  WITH (fillfactor = 70);
CREATE INDEX runs_by_digest ON pvsplan.runs (digest);
CREATE INDEX runs_by_farm ON pvsplan.runs (farm);
CREATE TABLE pvsplan.records (
  run text NOT NULL, number bigint NOT NULL, bytes bytea NOT NULL, hash text NOT NULL, PRIMARY KEY (run, number));
CREATE FUNCTION pvsplan.append_only() RETURNS trigger LANGUAGE plpgsql AS
  $only$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $only$;
CREATE TRIGGER records_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON pvsplan.records
  FOR EACH STATEMENT EXECUTE FUNCTION pvsplan.append_only();
CREATE TABLE pvsplan.farms (
  farm text PRIMARY KEY, token bigint NOT NULL, holder text NOT NULL, account text NOT NULL, host text NOT NULL,
  pid bigint NOT NULL, started text NOT NULL, machine text NOT NULL, boot text NOT NULL, space text NOT NULL,
  run text NOT NULL, since bigint NOT NULL, expires_at timestamptz NOT NULL) WITH (fillfactor = 70);
CREATE TABLE pvsplan.messages (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run text NOT NULL, bytes bytea NOT NULL,
  mark text NOT NULL UNIQUE);
CREATE INDEX messages_by_run ON pvsplan.messages (run);
CREATE TABLE pvsplan.jobs (
  asker text NOT NULL, key text NOT NULL, site text NOT NULL, farm text NOT NULL, token bigint NOT NULL,
  plan text NOT NULL, bytes bytea NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY, takes bigint NOT NULL DEFAULT 0,
  holder text NOT NULL DEFAULT '', held_until timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (asker, key)) WITH (fillfactor = 70);
CREATE INDEX jobs_by_site ON pvsplan.jobs (site, number);
CREATE INDEX jobs_by_holder ON pvsplan.jobs (holder) WHERE holder <> '';
CREATE TABLE pvsplan.reports (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, asker text NOT NULL, key text NOT NULL, bytes bytea NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX reports_by_asker ON pvsplan.reports (asker, number);
CREATE TABLE pvsplan.workers (
  worker text PRIMARY KEY, site text NOT NULL, account text NOT NULL, host text NOT NULL, pid bigint NOT NULL,
  since timestamptz NOT NULL DEFAULT clock_timestamp(), seen_at timestamptz NOT NULL);
CREATE TABLE pvsplan.simulated_state (
  farm text NOT NULL, object text NOT NULL, attribute text NOT NULL, value text NOT NULL,
  PRIMARY KEY (farm, object, attribute));
CREATE TABLE pvsplan.simulated_jobs (
  farm text NOT NULL, key text NOT NULL, ends_at bigint NOT NULL, takes_ms bigint NOT NULL,
  exit_status bigint NOT NULL, out bytea NOT NULL, err bytea NOT NULL, PRIMARY KEY (farm, key));
END $make$
)sql";

Status done(const Reply& reply) {
    if (reply.type == Reply::Type::done) return Done{};
    return reply.why;
}

Error no_tables(const base::StoreName& store, const Reply& reply) {
    return Error(reply.why).because_of("the tables of the store `" + store.text + "` cannot be made");
}

// Of the row that says it, locked until the transaction ends.
Status check_version(const Reply& found, const base::StoreName& store) {
    if (found.type != Reply::Type::done)
        return Error{"`" + store.text + "` is not a store of pvsplan, or not for this user", {found.why.text()}};
    const std::int64_t there = found.rows.empty() ? 0 : number(found.rows.front(), 0);
    if (there == version) return Done{};
    return Error{"the store `" + store.text + "` is of version " + std::to_string(there) +
                 ", this pvsplan knows version " + std::to_string(version) + ": use the pvsplan that made it"};
}

bool has_tables(Connection& connection) {
    const Reply there = connection.ask("SELECT to_regclass('pvsplan.version') IS NOT NULL");
    return there.type == Reply::Type::done && number(there.rows.at(0), 0) != 0;
}

constexpr const char* said_version = "SELECT number FROM pvsplan.version FOR SHARE";

// How many standbys a commit waits for: `FIRST 2 (a, b)`, `ANY 1 (*)`, or a plain list, which is one.
std::uint32_t standbys_in(const std::string& names) {
    if (names.empty()) return 0;
    const std::size_t digit = names.find_first_of("0123456789");
    const std::size_t bracket = names.find('(');
    const bool is_counted = bracket != std::string::npos && digit < bracket;
    return is_counted ? static_cast<std::uint32_t>(std::strtoul(names.c_str() + digit, nullptr, 10)) : 1;
}

}  // namespace

Status make_tables(Connection& connection, const base::StoreName& store) {
    if (has_tables(connection)) return check_tables(connection, store);
    // Whoever comes second waits for the first one's tables, and then finds them.
    for (const std::string& sql : {std::string("BEGIN"), std::string("SELECT pg_advisory_xact_lock(8103, 1)"),
                                   std::string("CREATE SCHEMA IF NOT EXISTS pvsplan"),
                                   std::string("CREATE TABLE IF NOT EXISTS pvsplan.version (number bigint NOT NULL)")})
        if (const Reply reply = connection.ask(sql); reply.type != Reply::Type::done) {
            (void)connection.ask("ROLLBACK");
            return no_tables(store, reply);
        }
    const Reply found = connection.ask("SELECT number FROM pvsplan.version FOR UPDATE");
    if (found.type == Reply::Type::done && !found.rows.empty()) {
        (void)connection.ask("COMMIT");
        return check_version(found, store);
    }
    for (const std::string& sql :
         {std::string(tables), "INSERT INTO pvsplan.version VALUES (" + std::to_string(version) + ")",
          std::string("COMMIT")})
        if (const Reply reply = connection.ask(sql); reply.type != Reply::Type::done) {
            (void)connection.ask("ROLLBACK");
            return no_tables(store, reply);
        }
    return Done{};
}

Status check_tables(Connection& connection, const base::StoreName& store) {
    if (!has_tables(connection))
        return Error{"there is no store of pvsplan in `" + store.text + "`: the first `apply` makes it"};
    Reply found = connection.ask(said_version);
    // A copy that may only be read locks no row.
    if (found.type != Reply::Type::done) found = connection.ask("SELECT number FROM pvsplan.version");
    return check_version(found, store);
}

Status check_copies(Connection& connection, const base::StoreName& store) {
    const Reply said = connection.ask(
        "SELECT current_setting('fsync'), current_setting('synchronous_commit'), "
        "current_setting('synchronous_standby_names')");
    if (Status asked = done(said); !asked) return asked;
    return check_durability(said.rows.at(0), 0, store);
}

Status check_durability(const Row& row, std::size_t column, const base::StoreName& store) {
    if (text(row, column) != "on")
        return Error{"the server of the store `" + store.text +
                     "` does not wait for its disk (`fsync = off`): what it confirms is lost with its power"};
    const std::string commit = text(row, column + 1);
    if (commit == "off")
        return Error{"the server of the store `" + store.text +
                     "` confirms commits before they are on its disk (`synchronous_commit = off`): set it to `on` for "
                     "this database"};
    const std::uint32_t standbys = commit == "on" || commit == "remote_apply" ? standbys_in(text(row, column + 2)) : 0;
    if (standbys + 1 >= store.copies) return Done{};
    return Error{
        "the store `" + store.text + "` is to have " + std::to_string(store.copies) +
            " copies of each record, and its server waits for " +
            (standbys == 0 ? std::string("no other copy") : std::to_string(standbys) + " other"),
        {"`synchronous_standby_names` is `" + text(row, column + 2) + "`, `synchronous_commit` is `" + commit + "`"}};
}

}  // namespace pvsplan::store
