// A store on a PostgreSQL server, as tests/unit/store asks for one.
#pragma once

#include <memory>
#include <string>

#include "runtime/ports/store.hpp"
#include "tests/integration/postgres.hpp"

namespace pvsplan::store::test {

// What a process gets that begins now.
std::unique_ptr<ports::Store> opened(const std::string& url);
// As a URL names it.
std::string at(int port);

// A database of its own, of a user who is no superuser, on the one server of the test program.
class Postgres {
  public:
    static constexpr bool leases_expire_by_a_clock = true;

    Postgres() : Postgres(server().port()) {}
    ~Postgres() { repair(); }
    Postgres(const Postgres&) = delete;
    Postgres& operator=(const Postgres&) = delete;

    [[nodiscard]] std::shared_ptr<ports::Store> open() const;
    [[nodiscard]] std::shared_ptr<const ports::Store> open_to_read() const;
    // The user may read and no more.
    void fail_writes();
    void repair();

    // `parameters`: "ttl=2".
    [[nodiscard]] std::string url(const std::string& parameters = "ttl=30&connect_timeout=60") const;
    [[nodiscard]] const std::string& database() const { return database_; }
    static integration::Postgres& server();

  protected:
    explicit Postgres(int port);  // where it is asked

  private:
    int port_;
    std::string database_;
};

// The same, asked through a pool.
class PooledPostgres : public Postgres {
  public:
    PooledPostgres() : Postgres(pool().port()) {}

  private:
    static integration::Pool& pool();
};

}  // namespace pvsplan::store::test
