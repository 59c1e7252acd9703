// A connection that comes back: to the server that takes writes now.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "compiler/base/store_name.hpp"
#include "runtime/store/postgres.hpp"

namespace pvsplan::store {

// How a statement ended, as far as the server has answered; nothing where its answer was lost.
using Answered = std::optional<base::Status>;

// Reads that from the reply to what was written.
Answered ended(Reply reply);

// The same for a commit; where only the server itself has it, it is looked at again.
Answered ended_for_sure(Reply reply);

// Used by one thread. Opens its connection when it is first needed, and again after it was lost.
class PostgresSession {
  public:
    PostgresSession(base::StoreName name, Connection::For what, std::unique_ptr<Connection> first)
        : name_(std::move(name)), connection_(std::move(first)), is_for_(what) {}

    // What reads, or may be done twice: again on a new connection, until it is answered or the time of a lease is over.
    base::Result<std::vector<Row>> ask(const std::string& sql, const std::vector<Parameter>& parameters);

    // One try, on the connection that is there or a new one: whoever asks so asks again later.
    Reply ask_once(const std::string& sql, const std::vector<Parameter>& parameters);

    // From here on the server notifies of what is sent to `channel`, where it can: not through a pool, which would give
    // that to whoever has the connection then. What was sent while there was none is lost.
    void listen(const std::string& channel);
    void stop_listening();
    // Whether it has since this was asked last.
    bool take_notification() { return connection_ && connection_->take_notification(); }
    // Can be read once it may have; -1: it does not.
    [[nodiscard]] int descriptor() const { return is_listening_ ? connection_->descriptor() : -1; }
    // What nobody waits for, and nobody misses: nothing where there is no connection now.
    void send(const std::string& sql, const std::vector<Parameter>& parameters);

    // As ask(), where only that it was done matters.
    base::Status write(const std::string& sql, const std::vector<Parameter>& parameters);

    // What may be written once: `attempt` is called again on a new connection for as long as it says nothing, which it
    // does where its answer was lost. It first looks what became of the time before.
    using Asking = std::function<Answered(Connection&)>;
    base::Status once(const Asking& attempt) { return until_answered(attempt); }

    // The server has less than it had confirmed: what is missing, as words for people.
    base::Error put_back(const std::string& missing);
    [[nodiscard]] bool is_put_back() const { return is_put_back_; }

    [[nodiscard]] const base::StoreName& name() const { return name_; }

  private:
    base::Status until_answered(const Asking& attempt);
    // The one that is there, else a new one, which was checked (check_copies()). Lives until it is lost.
    base::Result<Connection*> connection();
    void begin_to_listen();

    base::StoreName name_;
    std::unique_ptr<Connection> connection_;
    Connection::For is_for_;  // whoever writes also reads from the server that takes writes: a copy may lag behind
    bool is_put_back_ = false;
    std::string channel_;  // empty: none
    bool is_listening_ = false;
};

// BEGIN … COMMIT; rolls back unless commit() was called. What it has locked is locked for others as well, so that the
// server itself ends it where its client is stopped or cut off in between: well before the time of a lease is over.
class PostgresTransaction {
  public:
    PostgresTransaction(Connection& connection, std::uint32_t ttl_s) : connection_(&connection), ttl_s_(ttl_s) {}
    ~PostgresTransaction();
    PostgresTransaction(const PostgresTransaction&) = delete;
    PostgresTransaction& operator=(const PostgresTransaction&) = delete;

    // Also bounds how long it may lie idle between two statements: the server ends it then.
    Reply begin();
    Reply commit();

  private:
    Connection* connection_;
    std::uint32_t ttl_s_;
    bool is_open_ = false;
};

}  // namespace pvsplan::store
