// The part of PostgreSQL that the store needs: a connection, and what became of a statement. Only postgres.cpp includes
// the header of libpq. No session state and no named statements: it works through a pool of connections that is shared
// by transactions (pgbouncer).
#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "compiler/base/result.hpp"
#include "compiler/base/store_name.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/store/rows.hpp"

namespace pvsplan::store {

// What stands for $1, $2, … in a statement: text (none: NULL), or bytes as they are.
struct Parameter {
    std::optional<std::string> value;
    bool is_bytes = false;
    Parameter(std::string text) : value(std::move(text)) {}                 // NOLINT(google-explicit-constructor)
    Parameter(const char* text) : value(text) {}                            // NOLINT(google-explicit-constructor)
    Parameter(std::optional<std::string> text) : value(std::move(text)) {}  // NOLINT(google-explicit-constructor)
    Parameter(std::int64_t number) : value(std::to_string(number)) {}       // NOLINT(google-explicit-constructor)
    static Parameter bytes(std::string all) {
        Parameter parameter(std::move(all));
        parameter.is_bytes = true;
        return parameter;
    }
};
// Arrays for `unnest`, as PostgreSQL writes them.
Parameter array_of(const std::vector<std::int64_t>& numbers);
Parameter array_of(const std::vector<std::string>& texts);
Parameter array_of_bytes(const std::vector<std::string_view>& all);
// What `of` says of each row: numbers, texts (string), or bytes (string_view).
template <class Rows, class Of>
Parameter column(const Rows& rows, const Of& of) {
    using One = std::decay_t<decltype(of(*std::begin(rows)))>;
    std::vector<One> all;
    for (const auto& row : rows) all.push_back(of(row));
    if constexpr (std::is_same_v<One, std::string_view>)
        return array_of_bytes(all);
    else
        return array_of(all);
}

// What became of a statement.
struct Reply {
    enum class Type : std::uint8_t {
        done,
        refused,  // the server said no: nothing of it was done
        lost,     // the connection was lost, or the server goes away: nobody has told whether it was done
    } type = Type::done;
    std::vector<Row> rows = {};
    bool is_unconfirmed = false;  // done here, but the wait for the other copies was broken off
    base::Error why = {};         // refused or lost: words for people
};

// Not thread-safe. One that was lost stays so.
class Connection {
  public:
    enum class For : std::uint8_t {
        writing,  // the server that takes writes
        reading,  // the same where it answers, else any
    };
    // Waits up to `connect_timeout` of the store's name (5 s without one) for each server. The error has why each of
    // them was not taken.
    // Where `waits` is given, a server that may be there soon is tried again for as long as a lease lasts, or for
    // `connect_timeout` if that is shorter; it is called once, with words for people.
    using Waits = std::function<void(const std::string&)>;
    static base::Result<std::unique_ptr<Connection>> open(const base::StoreName& store, For what,
                                                          const Waits& waits = {});
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // One statement. A server that says nothing for `silence` is lost.
    Reply ask(const std::string& sql, const std::vector<Parameter>& parameters = {});
    // One whose answer nobody waits for: what it says is dropped when it comes.
    void send(const std::string& sql, const std::vector<Parameter>& parameters);

    // Whether it is a session of the server that we have alone: not where a pool stands in between.
    bool is_direct();
    // Whether the server has notified of a channel that it was asked to LISTEN to, since this was asked last.
    bool take_notification();
    // Can be read once the server says something unasked; -1: it is lost.
    [[nodiscard]] int descriptor() const;

    [[nodiscard]] bool is_lost() const;
    [[nodiscard]] const std::string& lost_because() const;  // empty: it is not lost
    void close();                                           // it is lost from here on

    // How long an answer is waited for; in a store whose leases are shorter than this, as long as they last.
    static constexpr ports::Millis silence = 10'000;

  private:
    struct Inside;
    explicit Connection(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

}  // namespace pvsplan::store
