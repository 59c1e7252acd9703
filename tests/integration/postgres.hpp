// A PostgreSQL server of the tests' own, on loopback, in a folder that goes away with it. It never runs as root.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/transport/jobs.hpp"

namespace pvsplan::integration {

struct PostgresOptions {
    std::string password = {};               // of its superuser `owner`; empty: whoever asks is believed
    std::vector<std::string> settings = {};  // "name=value"
    std::string copy_of = {};                // the connection string of a server that it follows as a standby
};

class Postgres {
  public:
    explicit Postgres(const PostgresOptions& options = {});
    ~Postgres();  // as if its power were cut
    Postgres(const Postgres&) = delete;
    Postgres& operator=(const Postgres&) = delete;

    static bool is_possible();

    void start();
    void kill();     // at once
    void promote();  // a standby becomes a server that takes writes, and has done so when this returns
    [[nodiscard]] int port() const { return port_; }
    // What psql prints for `sql`, as the superuser: columns separated by `|`, without a line feed at the end.
    [[nodiscard]] std::string sql(const std::string& text, const std::string& database = "postgres") const;
    [[nodiscard]] std::string connection() const;  // as the superuser

  private:
    [[nodiscard]] std::string data() const { return folder_ / "data"; }
    transport_tests::Folder folder_;
    int port_;
};

// pgbouncer before a server, by transactions, on two sessions in turns: what follows a commit meets the other one.
class Pool {
  public:
    explicit Pool(const Postgres& server);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    static bool is_possible();
    [[nodiscard]] int port() const { return port_; }

  private:
    transport_tests::Folder folder_;
    int port_;
    int pid_;
};

}  // namespace pvsplan::integration
