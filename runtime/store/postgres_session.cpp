#include "runtime/store/postgres_session.hpp"

#include <chrono>
#include <thread>

#include "runtime/ports/clock.hpp"
#include "runtime/store/postgres_tables.hpp"

namespace pvsplan::store {

using base::Done;
using base::Error;
using base::Result;
using base::Status;

namespace {

// How long somebody tries to reach a server again: as long as a lease lasts, since after that others may go on.
class Patience {
  public:
    explicit Patience(const base::StoreName& name) : until_(ports::since_boot() + ports::Millis{name.ttl_s} * 1000) {}
    // Waits a little longer each time. False: the time is over. Once more it is tried all the same: a process that was
    // stopped, or whose machine slept, has not tried in all that time.
    bool wait() {
        const ports::Millis now = ports::since_boot();
        const ports::Millis left = is_first_ ? std::max(until_ - now, next_) : until_ - now;
        is_first_ = false;
        if (left <= 0) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(std::min(left, next_)));
        next_ = std::min<ports::Millis>(next_ * 2, 500);
        return true;
    }

  private:
    ports::Millis until_;
    ports::Millis next_ = 10;
    bool is_first_ = true;
};

}  // namespace

Answered ended(Reply reply) {
    if (reply.type == Reply::Type::lost) return std::nullopt;
    if (reply.type == Reply::Type::refused) return Status(std::move(reply.why));
    return Status(Done{});
}

Answered ended_for_sure(Reply reply) {
    if (reply.type == Reply::Type::done && reply.is_unconfirmed) return std::nullopt;
    return ended(std::move(reply));
}

// A new connection may lead to another server than the one before, so what that would confirm is checked anew.
Result<Connection*> PostgresSession::connection() {
    if (connection_ && !connection_->is_lost()) return connection_.get();
    auto opened = Connection::open(name_, is_for_);
    if (!opened) return std::move(opened).error();
    if (is_for_ == Connection::For::writing)
        if (Status sure = check_copies(**opened, name_); !sure) return std::move(sure).error();
    connection_ = std::move(*opened);
    begin_to_listen();
    return connection_.get();
}

// Through a pool a notification would come to another client, so there is none; whoever waits looks from time to time.
void PostgresSession::begin_to_listen() {
    is_listening_ = !channel_.empty() && connection_->is_direct() &&
                    connection_->ask("LISTEN " + channel_).type == Reply::Type::done;
}

void PostgresSession::listen(const std::string& channel) {
    if (std::exchange(channel_, channel) == channel || !connection_) return;
    begin_to_listen();
}

// An answer that is lost takes the connection with it, and the listening too.
void PostgresSession::stop_listening() {
    channel_.clear();
    if (std::exchange(is_listening_, false)) (void)connection_->ask("UNLISTEN *");
}

void PostgresSession::send(const std::string& sql, const std::vector<Parameter>& parameters) {
    if (connection_) connection_->send(sql, parameters);
}

// What cannot be answered within the time of a lease is given up: others may have the farm by then.
Status PostgresSession::until_answered(const Asking& attempt) {
    Patience patience(name_);
    for (;;) {
        Result<Connection*> now = connection();
        if (now)
            if (Answered ended = attempt(**now)) return std::move(*ended);
        if (patience.wait()) continue;
        if (!now) return std::move(now).error();
        const std::string why = connection_->lost_because();
        Error error{
            "the store `" + name_.text + "` has confirmed nothing for " + std::to_string(name_.ttl_s) + " seconds",
            {why.empty() ? "the wait for its other copies is broken off again and again" : why}};
        if (std::string missing = why_silent(name_); !missing.empty()) error.causes.push_back(std::move(missing));
        return error;
    }
}

// A refusal is an answer: it would be the same the next time.
Result<std::vector<Row>> PostgresSession::ask(const std::string& sql, const std::vector<Parameter>& parameters) {
    std::vector<Row> rows;
    Status asked = until_answered([&](Connection& connection) -> Answered {
        Reply reply = connection.ask(sql, parameters);
        if (reply.type == Reply::Type::lost) return std::nullopt;
        if (reply.type == Reply::Type::refused) return Status(std::move(reply.why));
        rows = std::move(reply.rows);
        return Done{};
    });
    if (!asked) return std::move(asked).error();
    return rows;
}

Reply PostgresSession::ask_once(const std::string& sql, const std::vector<Parameter>& parameters) {
    Result<Connection*> now = connection();
    if (!now) return {.type = Reply::Type::lost, .why = std::move(now).error()};
    return (*now)->ask(sql, parameters);
}

Status PostgresSession::write(const std::string& sql, const std::vector<Parameter>& parameters) {
    auto rows = ask(sql, parameters);
    if (!rows) return std::move(rows).error();
    return Done{};
}

// Remembered: from here on nobody may go on with what the store had confirmed.
Error PostgresSession::put_back(const std::string& missing) {
    is_put_back_ = true;
    return Error{"the store `" + name_.text + "` has gone back to an earlier time: " + missing,
                 {"a copy that lagged behind was made the server, or a backup was restored"}};
}

// A client that was stopped in the middle holds locks that others wait for: the server ends it after a third of the
// time of a lease.
Reply PostgresTransaction::begin() {
    Reply reply = connection_->ask("BEGIN");
    is_open_ = reply.type == Reply::Type::done;
    if (!is_open_) return reply;
    return connection_->ask("SET LOCAL idle_in_transaction_session_timeout = " + std::to_string(ttl_s_ * 1000 / 3));
}

Reply PostgresTransaction::commit() {
    is_open_ = false;
    return connection_->ask("COMMIT");
}

PostgresTransaction::~PostgresTransaction() {
    if (is_open_) (void)connection_->ask("ROLLBACK");
}

}  // namespace pvsplan::store
