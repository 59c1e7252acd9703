// The part of SQLite that the store needs. Only sqlite.cpp includes its header.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/store/rows.hpp"

namespace pvsplan::store {

// One connection. Statements are prepared once and kept. Not thread-safe.
class Database {
  public:
    // read_alone: reads without writing any file, not even shared memory; nobody else can have the database open.
    enum class Open : std::uint8_t { read_write, read_only, read_alone };
    // How sure a commit is when it returns: of the power as well, or of this process only.
    enum class Sync : std::uint8_t { power, process };

    static base::Result<std::unique_ptr<Database>> open(const std::string& path, Open how, Sync sync);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // One statement with `?` bound in order. Errors are words for people, with what to do.
    base::Result<std::vector<Row>> query(std::string_view sql, const std::vector<Cell>& cells = {});
    base::Status run(std::string_view sql, const std::vector<Cell>& cells = {});
    // Several statements without parameters.
    base::Status script(const std::string& sql);
    // How many rows the last statement that wrote has changed.
    [[nodiscard]] std::int64_t changed_rows() const;
    [[nodiscard]] bool is_in_transaction() const;

  private:
    struct Inside;
    explicit Database(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

// BEGIN IMMEDIATE … COMMIT; rolls back unless commit() was called.
// One at a time on a connection. What was run within it and not committed has never been.
class Transaction {
  public:
    static base::Result<Transaction> begin(Database& database);
    ~Transaction();
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    // An error leaves it to the destructor to roll back.
    base::Status commit();

  private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

}  // namespace pvsplan::store
