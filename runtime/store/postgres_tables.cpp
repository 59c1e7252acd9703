#include "runtime/store/postgres_tables.hpp"

#include <cstdlib>
#include <span>
#include <string_view>

#include "compiler/base/embedded.hpp"

namespace pvsplan::store {

std::span<const base::Embedded> sql_files();

using base::Done;
using base::Error;
using base::Result;
using base::Status;

namespace {

constexpr std::int64_t server_version = 2;  // to which tables.sql and then functions.sql bring it

// The files of SQL are part of the program: a store is made without any file beside it.
std::string_view sql_named(std::string_view name) { return base::text_of(sql_files(), name); }

Status done(const Reply& reply) {
    if (reply.type == Reply::Type::done) return Done{};
    return reply.why;
}

Error no_tables(const base::StoreName& store, const Reply& reply) {
    if (reply.type == Reply::Type::lost) {
        Error error = Error(reply.why).because_of("nobody has told whether the tables of the store `" + store.text +
                                                  "` were made");
        if (std::string why = why_silent(store); !why.empty()) error.causes.push_back(std::move(why));
        return error;
    }
    return Error(reply.why).because_of("the tables of the store `" + store.text +
                                       "` cannot be made by this user; who may does so by `pvsplan schema postgresql`");
}

// A lost connection says nothing about what is in the database.
Error not_for_us(const base::StoreName& store, const Reply& reply) {
    if (reply.type == Reply::Type::lost)
        return Error(reply.why).because_of("the store `" + store.text + "` cannot be read");
    return Error{"`" + store.text + "` is not a store of pvsplan, or not for this user", {reply.why.text()}};
}

// The version that the row says; 0: there is none.
std::int64_t version_in(const Reply& found) { return found.rows.empty() ? 0 : number(found.rows.front(), 0); }

// An older store is brought up to date by whoever writes and owns it; who only reads is told to.
Status check_version(const Reply& found, const base::StoreName& store) {
    if (found.type != Reply::Type::done) return not_for_us(store, found);
    const std::int64_t there = version_in(found);
    if (there == server_version) return Done{};
    const std::string known = std::to_string(server_version);
    if (there > server_version)
        return Error{"the store `" + store.text + "` is of version " + std::to_string(there) +
                     ", this pvsplan knows versions up to " + known + ": use a newer pvsplan"};
    return Error{"the store `" + store.text + "` is of the older version " + std::to_string(there) +
                 "; whoever owns its tables brings it to version " + known +
                 ", by `pvsplan schema postgresql` or any `apply`"};
}

// The greatest, should somebody have put in another one.
constexpr const char* version_sql = "SELECT number FROM pvsplan.version ORDER BY number DESC";

// Where the version may be changed under us, whoever does that is waited for. A copy or a database that may only be
// read locks no row, and neither does a role that may only read it.
constexpr const char* may_lock =
    "SELECT current_setting('transaction_read_only') = 'off' AND has_table_privilege('pvsplan.version', 'UPDATE')";

// How many standbys a commit waits for: `FIRST 2 (a, b)`, `ANY 1 (*)`, or a plain list, which is one.
std::uint32_t standbys_in(const std::string& names) {
    if (names.empty()) return 0;
    const std::size_t digit = names.find_first_of("0123456789");
    const std::size_t bracket = names.find('(');
    const bool is_counted = bracket != std::string::npos && digit < bracket;
    return is_counted ? static_cast<std::uint32_t>(std::strtoul(names.c_str() + digit, nullptr, 10)) : 1;
}

// Whatever people call things has to be kept. SQL_ASCII keeps bytes as they come.
Status check_encoding(Connection& connection, const base::StoreName& store) {
    const Reply said = connection.ask("SELECT current_setting('server_encoding')");
    if (Status asked = done(said); !asked) return asked;
    const std::string encoding = text(said.rows.at(0), 0);
    if (encoding == "UTF8" || encoding == "SQL_ASCII") return Done{};
    return Error{"the database of the store `" + store.text + "` has the encoding " + encoding +
                 ", in which not all names can be kept: make it anew (`CREATE DATABASE … ENCODING 'UTF8' TEMPLATE "
                 "template0`)"};
}

}  // namespace

// By the table of the version, which is made with all others in one statement.
Result<bool> has_tables(Connection& connection, const base::StoreName& store) {
    const Reply there = connection.ask("SELECT to_regclass('pvsplan.version') IS NOT NULL");
    if (there.type != Reply::Type::done) return not_for_us(store, there);
    return number(there.rows.at(0), 0) != 0;
}

// Called by whoever writes: makes the tables or brings older ones up to date, and then looks at them as a reader does.
Status make_tables(Connection& connection, const base::StoreName& store) {
    const Result<bool> are_there = has_tables(connection, store);
    if (!are_there) return are_there.error();
    if (!*are_there) {
        if (Status fit = check_encoding(connection, store); !fit) return fit;
        // One statement: whoever is stopped in the middle of several would find the server to have ended them.
        const Reply made = connection.ask("DO $both$ BEGIN\n" + std::string(sql_named("tables.sql")) +
                                          std::string(sql_named("functions.sql")) + "END $both$");
        return made.type == Reply::Type::done ? check_tables(connection, store) : no_tables(store, made);
    }
    const Reply found = connection.ask(version_sql);
    if (found.type == Reply::Type::done && version_in(found) < server_version)
        if (const Reply made = connection.ask(std::string(sql_named("functions.sql"))); made.type != Reply::Type::done)
            return Error(made.why).because_of(check_version(found, store).error().message);
    return check_tables(connection, store);
}

Status check_tables(Connection& connection, const base::StoreName& store) {
    const Result<bool> are_there = has_tables(connection, store);
    if (!are_there) return are_there.error();
    if (!*are_there) return Error{"there is no store of pvsplan in `" + store.text + "`: the first `apply` makes it"};
    const Reply locks = connection.ask(may_lock);
    const bool is_locked = locks.type == Reply::Type::done && number(locks.rows.at(0), 0) != 0;
    return check_version(connection.ask(std::string(version_sql) + (is_locked ? " FOR SHARE" : "")), store);
}

// In the order in which each needs the one before.
std::string sql_for_psql() {
    std::string all;
    for (const char* file : {"tables.sql", "functions.sql", "roles.sql"}) all += sql_named(file);
    return all;
}

Status check_copies(Connection& connection, const base::StoreName& store) {
    const Reply said = connection.ask("SELECT " + std::string(durability_sql));
    if (Status asked = done(said); !asked) return asked;
    return check_durability(said.rows.at(0), 0, store);
}

// Standbys are seen by every role, though not how they stand.
std::string why_silent(const base::StoreName& store) {
    const auto connection = Connection::open(store, Connection::For::writing);
    if (!connection) return "";
    const Reply said = (*connection)
                           ->ask(
                               "SELECT current_setting('synchronous_standby_names') <> '' AND NOT EXISTS (SELECT FROM "
                               "pg_stat_replication)");
    const bool is_alone = said.type == Reply::Type::done && !said.rows.empty() && number(said.rows.front(), 0) != 0;
    return is_alone ? "its server waits for a copy of each commit (`synchronous_standby_names`), and no standby is "
                      "connected to it: start one"
                    : "";
}

// A commit that waits for less than the disk of another machine is on none but this one when it returns, so only `on`
// and `remote_apply` count copies.
Status check_durability(const Row& row, std::size_t column, const base::StoreName& store) {
    if (text(row, column) != "on")
        return Error{"the server of the store `" + store.text +
                     "` does not wait for its disk (`fsync = off`): what it confirms is lost with its power"};
    const std::string commit = text(row, column + 1);
    if (commit == "off")
        return Error{"the server of the store `" + store.text +
                     "` confirms commits before they are on its disk (`synchronous_commit = off`): set it to `on` for "
                     "this database"};
    if (!text(row, column + 2).empty() && text(row, column + 3) == "error")
        return Error{"the server of the store `" + store.text +
                     "` does not warn (`client_min_messages = error`), so that nobody would be told where the wait for "
                     "its copies is broken off: set it to `warning` for this database"};
    const std::uint32_t standbys = commit == "on" || commit == "remote_apply" ? standbys_in(text(row, column + 2)) : 0;
    if (standbys + 1 >= store.copies) return Done{};
    return Error{
        "the store `" + store.text + "` is to have " + std::to_string(store.copies) +
            " copies of each record, and its server waits for " +
            (standbys == 0 ? std::string("no other copy") : std::to_string(standbys) + " other"),
        {"`synchronous_standby_names` is `" + text(row, column + 2) + "`, `synchronous_commit` is `" + commit + "`"}};
}

}  // namespace pvsplan::store
