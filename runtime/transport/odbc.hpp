// SQL steps, through unixODBC and the driver of the database.
//
// `connect` of an object: `driver` (as in odbcinst.ini, or a file) or `dsn`, port, database, user, password (a secret),
// encrypt, trust_server_certificate, trusted_connection, `options` ("Key=value;Key=value" for the driver); the server
// is `server`, else address, else the attribute `instance`, else the attribute `address` (none of them for a file
// database).
//
// A batch is no job of its own: when its connection is lost it is in doubt. So that nobody takes a batch that is still
// running on the database for one that is gone, each holds a lock of its session under the job's key (PostgreSQL:
// pg_try_advisory_lock, SQL Server: sp_getapplock), and who attaches waits until nobody holds it.
//
// Rows come as one JSON object a line in `out`; messages and row counts in `err`; exit status 0, or 1 for an error.
#pragma once

#include <memory>

#include "compiler/base/result.hpp"
#include "runtime/ports/transport.hpp"
#include "runtime/transport/loop.hpp"

namespace pvsplan::transport {

struct OdbcOptions {
    std::size_t max_sessions = 16;  // at once, each with a thread
    int login_timeout_s = 10;
    ports::Millis first_retry_ms = 500;
    ports::Millis max_retry_ms = 10'000;
};

std::unique_ptr<ports::Transport> make_odbc(Loop& loop, ports::Mailbox& mailbox, OdbcOptions options);

// The connection string of a job. Values are quoted; an error if a secret that it names was not given.
base::Result<std::string> odbc_connection(const ports::Job& job);

}  // namespace pvsplan::transport
