// One connection to a database through unixODBC; the only place that calls it. Everything here blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/transport/sql_text.hpp"

namespace pvsplan::transport {

struct SqlFault {
    std::string state;    // SQLSTATE: "42P01"
    std::string text;     // for people, all messages of the driver
    bool is_cut = false;  // the connection is gone: what was asked for may have been done
    [[nodiscard]] bool is_login() const { return state.starts_with("28"); }
    // Trying again may help: nobody answered, or the database is starting.
    [[nodiscard]] bool is_unreachable() const {
        return state.starts_with("08") || state == "HYT00" || state == "HYT01" || state == "57P03" || state == "53300";
    }
};

struct SqlOutput {
    std::string rows;           // a JSON object a line
    std::string messages;       // of the database, and how many rows were affected
    std::uint64_t dropped = 0;  // bytes of further rows
};

// Used by one thread at a time, but for cancel().
class OdbcSession {
  public:
    OdbcSession();
    ~OdbcSession();
    OdbcSession(const OdbcSession&) = delete;
    OdbcSession& operator=(const OdbcSession&) = delete;

    [[nodiscard]] std::optional<SqlFault> connect(const std::string& connection, int timeout_s);
    // "PostgreSQL", "Microsoft SQL Server", "SQLite", …
    [[nodiscard]] std::string database() const;
    // Runs a batch and reads all that comes back, up to `max_bytes` bytes of rows.
    [[nodiscard]] std::optional<SqlFault> execute(const std::string& text, const std::vector<SqlValue>& values,
                                                  std::uint64_t max_bytes, SqlOutput& output);
    // From another thread: ends what execute() waits for, as well as the driver can.
    void cancel();

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace pvsplan::transport
