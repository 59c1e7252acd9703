// A connection that comes back: to the server that takes writes now.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "compiler/base/store_name.hpp"
#include "runtime/store/postgres.hpp"

namespace pvsplan::store {

class Session {
  public:
    Session(base::StoreName name, Connection::For what, std::unique_ptr<Connection> first)
        : name_(std::move(name)), connection_(std::move(first)), is_for_(what) {}

    // What reads, or may be done twice: again on a new connection, until it is answered or the time of a lease is over.
    base::Result<std::vector<Row>> ask(const std::string& sql, const std::vector<Parameter>& parameters);

    // What may be written once: `attempt` is called again on a new connection for as long as it says nothing, which it
    // does where its answer was lost. It first looks what became of the time before.
    using Attempt = std::function<std::optional<base::Status>(Connection&)>;
    base::Status once(const Attempt& attempt) { return until_answered(attempt); }

    [[nodiscard]] const base::StoreName& name() const { return name_; }

  private:
    base::Status until_answered(const Attempt& attempt);
    base::Result<Connection*> connection();

    base::StoreName name_;
    std::unique_ptr<Connection> connection_;
    Connection::For is_for_;  // whoever writes also reads from the server that takes writes: a copy may lag behind
};

// BEGIN … COMMIT; rolls back unless commit() was called.
class PostgresTransaction {
  public:
    explicit PostgresTransaction(Connection& connection) : connection_(&connection) {}
    ~PostgresTransaction();
    PostgresTransaction(const PostgresTransaction&) = delete;
    PostgresTransaction& operator=(const PostgresTransaction&) = delete;

    Reply begin();
    Reply commit();

  private:
    Connection* connection_;
    bool is_open_ = false;
};

}  // namespace pvsplan::store
