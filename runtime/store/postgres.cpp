#include "runtime/store/postgres.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <thread>
#include <utility>

#include "compiler/base/lists.hpp"
#include "runtime/ports/disguise.hpp"
#include "runtime/ports/readiness.hpp"
#include "runtime/store/late_pq.hpp"

namespace pvsplan::store {

using base::Error;
using base::Result;

namespace {

// Types of PostgreSQL by the numbers that it gave them for good.
constexpr Oid type_bool = 16;
constexpr Oid type_bytes = 17;
constexpr Oid type_int8 = 20;
constexpr Oid type_int4 = 23;

// A message of libpq: its first line, without what the severity adds.
std::string first_line(const char* message) {
    std::string line = message == nullptr ? "" : message;
    line.resize(std::min(line.find('\n'), line.size()));
    if (const std::size_t twice = line.find("FATAL:  "); twice != std::string::npos) line.erase(twice, 8);
    return line;
}

struct FreeResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using HeldResult = std::unique_ptr<PGresult, FreeResult>;

// Bytes as the server writes them, which are its settings' to say: "\x0a0b", or "\012\013".
std::string unescaped(const char* text) {
    std::size_t size = 0;
    auto* const bytes = PQunescapeBytea(reinterpret_cast<const unsigned char*>(text), &size);
    std::string all(reinterpret_cast<const char*>(bytes), bytes == nullptr ? 0 : size);
    PQfreemem(bytes);
    return all;
}

// Text is what libpq gives; types that we store as numbers or bytes become those, all else stays as it is written.
Cell cell_of(const PGresult* result, int row, int column) {
    if (PQgetisnull(result, row, column) != 0) return std::string();
    const std::string_view value(PQgetvalue(result, row, column),
                                 static_cast<std::size_t>(PQgetlength(result, row, column)));
    switch (PQftype(result, column)) {
        case type_bool: return std::int64_t{value == "t"};
        case type_int8:
        case type_int4: return std::int64_t{std::strtoll(value.data(), nullptr, 10)};
        case type_bytes: return unescaped(value.data());
        default: return std::string(value);
    }
}

// All of the result at once: the largest is the journal of a run.
std::vector<Row> rows_of(const PGresult* result) {
    std::vector<Row> rows(static_cast<std::size_t>(PQntuples(result)));
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (int column = 0; column < PQnfields(result); ++column)
            rows[i].push_back(cell_of(result, static_cast<int>(i), column));
    return rows;
}

// What a person can do where the server ends what is asked, by SQLSTATE.
std::string advice_on_lost(std::string_view state) {
    if (state == "57014")
        return "; somebody cancels it, or the `statement_timeout` of this role, database or server is too short for it";
    if (state == "57P05" || state == "25P03")
        return "; a timeout of this role, database or server for sessions that are idle is too short";
    return "";
}

// By its SQLSTATE: the connection is broken, the server ends, is not up yet, or takes no writes any more; or somebody
// cancelled the statement, or it stood in the way of another one, or for too long: on a new connection it may be asked
// again.
bool means_lost(std::string_view state) {
    return state.empty() || state.starts_with("08") || state == "57P01" || state == "57P02" || state == "57P03" ||
           state == "57P05" || state == "25P03" || state == "25P04" || state == "55P03" || state == "25006" ||
           state == "57014" || state.starts_with("40");
}

// What a person can do, by SQLSTATE.
std::string advice_on(std::string_view state) {
    if (state == "53100") return "the disk of the server is full: free some space there";
    if (state == "42501") return "this user may not do that: give it the roles that the store's setup names";
    if (state == "42P01" || state == "3F000") return "the tables of the store are not there: somebody has removed them";
    if (state.starts_with("53")) return "the server has no room for this: look at its connections and its memory";
    return "";
}

}  // namespace

// One array in place of a parameter for each: a statement may have 65,535 of them.
Parameter array_of(const std::vector<std::int64_t>& numbers) {
    std::string all;
    for (const std::int64_t one : numbers) base::append(all, ",", std::to_string(one));
    return "{" + all + "}";
}

// Every element is quoted, so neither commas nor the word NULL mean anything in it.
Parameter array_of(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& one : texts) {
        all += all.empty() ? "\"" : ",\"";
        for (const char c : one) {
            if (c == '"' || c == '\\') all += '\\';
            all += c;
        }
        all += '"';
    }
    return "{" + all + "}";
}

// In hex, which the server reads whatever its `bytea_output` is; the backslash is doubled within an array.
Parameter array_of_bytes(const std::vector<std::string_view>& bytes) {
    std::string all;
    for (const std::string_view one : bytes) all += (all.empty() ? "\"\\\\x" : ",\"\\\\x") + ports::in_hex(one) + "\"";
    return "{" + all + "}";
}

struct Connection::Inside {
    PGconn* connection = nullptr;
    ports::Millis silence = Connection::silence;
    bool is_lost = false;
    std::string lost_because;
    bool is_warned = false;  // the server warned of something in the statement that goes on
    bool is_owed = false;    // the answer to what nobody waits for
    bool is_notified = false;

    ~Inside() {
        if (connection != nullptr) PQfinish(connection);
    }

    Reply lost(const std::string& why) {
        if (!std::exchange(is_lost, true)) lost_because = why;
        return {.type = Reply::Type::lost, .why = Error{"the connection to the database was lost", {why}}};
    }

    // Everything that was sent is on its way, and the whole answer is there. False: nothing came for `silence`.
    bool finish_transfer();
    Reply read_reply();
    void send(const std::string& sql, const std::vector<Parameter>& parameters);
    void drop_what_is_owed() {
        if (std::exchange(is_owed, false)) (void)read_reply();
    }
    // Each of them is kept by libpq until it is fetched.
    void fetch_notifications();
};

// libpq is never let wait by itself: it would do so without end where a network swallows what is sent.
bool Connection::Inside::finish_transfer() {
    for (int left = PQflush(connection); left != 0; left = PQflush(connection)) {
        if (left < 0) return true;  // the reply says why
        if (!ports::wait_until_ready(PQsocket(connection), ports::Direction::either, silence)) return false;
        if (PQconsumeInput(connection) == 0) return true;
    }
    while (PQisBusy(connection) != 0) {
        if (!ports::wait_until_ready(PQsocket(connection), ports::Direction::reading, silence)) return false;
        if (PQconsumeInput(connection) == 0) return true;
    }
    return true;
}

// All results of a statement are fetched, or the next one could not be sent. Where the state of the connection is bad
// at the end, what was read counts for nothing.
Reply Connection::Inside::read_reply() {
    Reply reply;
    for (;;) {
        if (!finish_transfer()) return lost("it has not answered for " + std::to_string(silence / 1000) + " seconds");
        const HeldResult result(PQgetResult(connection));
        if (!result) break;
        const ExecStatusType status = PQresultStatus(result.get());
        if (status == PGRES_TUPLES_OK) reply.rows = rows_of(result.get());
        if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) continue;
        const char* const code = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        const std::string_view state = code == nullptr ? "" : code;
        const char* const said = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
        const std::string why = first_line(said == nullptr ? PQerrorMessage(connection) : said);
        if (means_lost(state)) return lost(why + advice_on_lost(state));
        const std::string advice = advice_on(state);
        reply = {.type = Reply::Type::refused, .why = Error{advice.empty() ? "the database refuses" : advice, {why}}};
    }
    if (PQstatus(connection) != CONNECTION_OK) return lost(first_line(PQerrorMessage(connection)));
    reply.is_unconfirmed = is_warned;
    return reply;
}

Connection::Connection(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Connection::~Connection() = default;
bool Connection::is_lost() const { return inside_->is_lost; }
const std::string& Connection::lost_because() const { return inside_->lost_because; }
void Connection::close() { (void)inside_->lost("the server does not wait for its copies any more"); }

// Parameters go beside the statement, never within it. Types are left to the server, which knows them from the
// statement.
void Connection::Inside::send(const std::string& sql, const std::vector<Parameter>& parameters) {
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
    for (const Parameter& one : parameters) {
        values.push_back(one.value ? one.value->c_str() : nullptr);
        lengths.push_back(one.value ? static_cast<int>(one.value->size()) : 0);
        formats.push_back(one.is_bytes ? 1 : 0);
    }
    is_warned = false;
    if (PQsendQueryParams(connection, sql.c_str(), static_cast<int>(parameters.size()), nullptr, values.data(),
                          lengths.data(), formats.data(), 0) == 0)
        (void)lost(first_line(PQerrorMessage(connection)));
}

void Connection::Inside::fetch_notifications() {
    while (PGnotify* const one = PQnotifies(connection)) {
        PQfreemem(one);
        is_notified = true;
    }
}

// Once lost, a connection answers the same for ever: whoever has it opens another.
Reply Connection::ask(const std::string& sql, const std::vector<Parameter>& parameters) {
    if (inside_->is_lost) return inside_->lost("it is closed");
    inside_->drop_what_is_owed();
    if (!inside_->is_lost) inside_->send(sql, parameters);
    if (inside_->is_lost) return inside_->lost(inside_->lost_because);
    Reply reply = inside_->read_reply();
    inside_->fetch_notifications();
    return reply;
}

void Connection::send(const std::string& sql, const std::vector<Parameter>& parameters) {
    if (inside_->is_lost) return;
    inside_->drop_what_is_owed();
    if (inside_->is_lost) return;
    inside_->send(sql, parameters);
    if (inside_->is_lost) return;
    inside_->is_owed = true;
    (void)PQflush(inside_->connection);  // what is left goes with the next one
}

// A pool makes up the number by which its own client could cancel something.
bool Connection::is_direct() {
    const Reply reply = ask("SELECT pg_backend_pid()");
    return reply.type == Reply::Type::done && number(reply.rows.at(0), 0) == PQbackendPID(inside_->connection);
}

// What is owed is read as well, since notifications come between answers.
bool Connection::take_notification() {
    if (inside_->is_lost) return false;
    if (PQconsumeInput(inside_->connection) == 0) (void)inside_->lost(first_line(PQerrorMessage(inside_->connection)));
    if (!inside_->is_lost && inside_->is_owed && PQisBusy(inside_->connection) == 0) inside_->drop_what_is_owed();
    inside_->fetch_notifications();
    return std::exchange(inside_->is_notified, false);
}

int Connection::descriptor() const { return inside_->is_lost ? -1 : PQsocket(inside_->connection); }

namespace {

// A commit whose wait for the other copies was cancelled returns with a warning; nothing that we ask for warns of
// anything else. `IF NOT EXISTS` gives notices.
void take_notice(void* is_warned, const PGresult* notice) {
    const char* const severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity != nullptr && std::strcmp(severity, "WARNING") == 0) *static_cast<bool*>(is_warned) = true;
}

using Settings = std::map<std::string, std::string>;

// Empty parts count: libpq takes the default in their place.
std::vector<std::string> parts_of(const std::string& list) {
    std::vector<std::string> parts;
    for (std::size_t from = 0; from <= list.size();) {
        const std::size_t comma = std::min(list.find(',', from), list.size());
        parts.push_back(list.substr(from, comma - from));
        from = comma + 1;
    }
    return parts;
}

// A socket, or an address of loopback. `127.example` is a name as any other.
bool is_of_this_machine(std::string_view host) {
    const bool is_v4 = host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
    return host.starts_with('/') || host.starts_with('@') || host == "localhost" || is_v4 || host == "::1";
}

// What the URL says, and what it leaves open: never from the environment, by which one URL would be two stores.
Result<Settings> settings_of(const base::StoreName& store) {
    char* error = nullptr;
    PQconninfoOption* const options = PQconninfoParse(store.text.c_str(), &error);
    if (options == nullptr) {
        const std::string why = first_line(error);
        PQfreemem(error);
        return Error{"`" + store.text + "` names no database", {why}};
    }
    Settings settings;
    for (const PQconninfoOption* one = options; one->keyword != nullptr; ++one)
        if (one->val != nullptr) settings[one->keyword] = one->val;
    PQconninfoFree(options);
    settings.emplace("port", "");
    settings.emplace("connect_timeout", "5");
    settings.emplace("application_name", "pvsplan");
    const std::vector<std::string> hosts =  // where there are both, `host` is the name in the certificate alone
        parts_of(settings.contains("hostaddr") ? settings["hostaddr"] : settings["host"]);
    const bool is_far = !std::all_of(hosts.begin(), hosts.end(), is_of_this_machine);
    settings.emplace("sslmode", is_far ? "verify-full" : "prefer");
    settings["client_encoding"] = "UTF8";
    return settings;
}

// The settings of each server by itself: libpq asks no further one where a connection was taken and closed again, as
// something that stands before a dead server does.
std::vector<Settings> servers_of(const Settings& settings) {
    std::vector<Settings> all;
    for (const char* key : {"host", "hostaddr", "port"}) {
        if (!settings.contains(key)) continue;
        const std::vector<std::string> parts = parts_of(settings.at(key));
        all.resize(std::max(all.size(), parts.size()), settings);
        for (std::size_t i = 0; i < all.size(); ++i) all[i][key] = parts[std::min(i, parts.size() - 1)];
    }
    for (Settings& server : all)
        if (server["port"].empty()) server["port"] = "5432";  // what is empty, libpq takes from the environment
    return all;
}

// `state` is what the server has to be ready for: libpq asks it, and goes on to the next address where it is not.
Result<PGconn*> connected(Settings settings, const char* state) {
    settings["target_session_attrs"] = state;
    std::vector<const char*> keys;
    std::vector<const char*> values;
    for (const auto& [key, value] : settings) {
        keys.push_back(key.c_str());
        values.push_back(value.c_str());
    }
    keys.push_back(nullptr);
    values.push_back(nullptr);
    PGconn* const connection = PQconnectdbParams(keys.data(), values.data(), 0);
    if (connection == nullptr) return Error{"there is not enough memory"};
    if (PQstatus(connection) == CONNECTION_OK) return connection;
    const std::string why = first_line(PQerrorMessage(connection));
    PQfinish(connection);
    return Error{why};
}

// The first that is in that state; else why each is not.
Result<PGconn*> connected_to_one(const std::vector<Settings>& servers, const char* state) {
    std::vector<std::string> whys;
    for (const Settings& server : servers) {
        Result<PGconn*> connection = connected(server, state);
        if (connection) return connection;
        whys.push_back(connection.error().message);
    }
    return Error{whys.front(), {whys.begin() + 1, whys.end()}};
}

}  // namespace

namespace {

// A server that starts, stops, fails over or has no connection left, or a pool before one: words of libpq and of both,
// which give no number to go by before there is a connection. What is not known here is no reason to wait: a password,
// a database or a certificate that is wrong stays so.
bool may_pass(const std::string& why) {
    static constexpr std::string_view passing[] = {
        "Connection refused",
        "Connection reset by peer",
        "timeout expired",
        "server closed the connection unexpectedly",
        "the database system is ",   // starting up, shutting down, in recovery mode, …
        "too many clients already",  // max_connections
        "too many connections for",  // of a role, or of a database
        "remaining connection slots are reserved",
        "no more connections allowed",    // of a pool
        "server login has been failing",  // likewise: its server is away
        "query_wait_timeout",
    };
    return std::any_of(std::begin(passing), std::end(passing),
                       [&](std::string_view words) { return why.find(words) != std::string::npos; });
}

// Each of the servers either may be there soon or takes no writes now, and not all are the latter: that one of them is
// promoted is what is waited for then.
bool may_pass(const Error& why) {
    std::vector<std::string> all = why.causes;
    all.push_back(why.message);
    return std::any_of(all.begin(), all.end(), [](const std::string& one) { return may_pass(one); }) &&
           std::all_of(all.begin(), all.end(), [](const std::string& one) {
               return may_pass(one) || one.find("session is read-only") != std::string::npos;
           });
}

Result<PGconn*> connected_for(const std::vector<Settings>& servers, Connection::For what) {
    Result<PGconn*> connection = connected_to_one(servers, "read-write");
    if (!connection && what == Connection::For::reading)
        if (Result<PGconn*> any = connected_to_one(servers, "any"); any) return any;
    return connection;
}

// How long it is tried again: as long as a lease lasts, or as `connect_timeout` says where that is shorter.
ports::Millis patience_of(const base::StoreName& store, const Settings& settings) {
    const ports::Millis ttl = ports::Millis{store.ttl_s} * 1000;
    if (store.text.find("connect_timeout=") == std::string::npos) return ttl;
    const ports::Millis said = std::strtoll(settings.at("connect_timeout").c_str(), nullptr, 10) * 1000;
    return said > 0 ? std::min(said, ttl) : ttl;
}

// Signals that end a process end this as well: no command catches them before its store is open.
Result<PGconn*> connected_patiently(const base::StoreName& store, const std::vector<Settings>& servers,
                                    Connection::For what, ports::Millis patience, const Connection::Waits& waits) {
    const ports::Millis until = ports::since_boot() + patience;
    ports::Millis pause = 50;
    for (bool is_told = false;; is_told = true) {
        Result<PGconn*> connection = connected_for(servers, what);
        const ports::Millis left = until - ports::since_boot();
        if (connection || !waits || left <= 0 || !may_pass(connection.error())) return connection;
        if (!is_told) waits("waiting for the store `" + store.text + "`: " + connection.error().message);
        std::this_thread::sleep_for(std::chrono::milliseconds(std::min(pause, left)));
        pause = std::min<ports::Millis>(pause * 2, 2000);
    }
}

}  // namespace

// Whoever writes goes to the server that takes writes. Whoever only reads prefers it too, since a copy may lag behind,
// and takes any other where it does not answer.
Result<std::unique_ptr<Connection>> Connection::open(const base::StoreName& store, For what, const Waits& waits) {
    if (!has_pq())
        return Error{
            "a store on PostgreSQL wants its client library, which is not installed here: install libpq5 "
            "(Debian, Ubuntu: `apt install libpq5`)"};
    auto settings = settings_of(store);
    if (!settings) return std::move(settings).error();
    const std::vector<Settings> servers = servers_of(*settings);
    const ports::Millis patience = patience_of(store, *settings);
    Result<PGconn*> connection = connected_patiently(store, servers, what, patience, waits);
    if (!connection) {
        Error error = std::move(connection).error().because_of("the store `" + store.text + "` cannot be reached");
        const std::string why = error.text();
        if (why.find("session is read-only") != std::string::npos)
            error.causes.emplace_back(
                "that server takes no writes: it is a standby that was not promoted, or "
                "`default_transaction_read_only` "
                "was set for it, for the database or for the role");
        const bool is_about_it = why.find("SSL") != std::string::npos || why.find("certificate") != std::string::npos;
        if (why.find("local user with ID") != std::string::npos)
            error.causes.emplace_back(
                "this account has no name here, which would be the name of its role: say one before the host "
                "(`postgresql://ROLE@HOST/DATABASE`)");
        if (is_about_it && store.text.find("sslmode=") == std::string::npos)
            error.causes.emplace_back(
                "the certificate of a server that is not this machine is verified (`sslmode=verify-full`, by the "
                "authority in `~/.postgresql/root.crt`) unless its URL says otherwise");
        return error;
    }
    auto inside = std::make_unique<Inside>();
    inside->connection = *connection;
    // No wait is longer than a lease: its owner has to know in time that it lost it.
    inside->silence = std::min(silence, ports::Millis{store.ttl_s} * 1000);
    PQsetnonblocking(*connection, 1);
    PQsetNoticeReceiver(*connection, take_notice, &inside->is_warned);
    return std::unique_ptr<Connection>(new Connection(std::move(inside)));
}

}  // namespace pvsplan::store
