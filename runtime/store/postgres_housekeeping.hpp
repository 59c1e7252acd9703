// Taking runs out of a store on PostgreSQL.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "runtime/ports/housekeeping.hpp"
#include "runtime/store/postgres_session.hpp"

namespace pvsplan::store {

// Used by the thread of the session. A run is taken out in one transaction, under the same lock by digest as runs are
// created.
class PostgresHousekeeping final : public ports::Housekeeping {
  public:
    explicit PostgresHousekeeping(PostgresSession& session) : session_(&session) {}  // which outlives it

    base::Result<std::map<std::string, std::uint64_t>> sizes() const override;
    base::Result<std::uint64_t> size() const override;
    base::Status remove_run(const ports::RunRow& row, const std::string& where) override;
    // Autovacuum does: what comes next lies where the removed lay.
    base::Status give_room_back() override { return base::Done{}; }

    // As ports::Runs.
    base::Result<std::optional<std::string>> archived(const std::string& run) const;
    base::Result<std::map<std::string, std::string>> archived_runs(const std::string& beginning) const;
    base::Result<std::optional<ports::PlanRun>> last_run_of(const std::string& digest) const;

  private:
    PostgresSession* session_;
};

}  // namespace pvsplan::store
