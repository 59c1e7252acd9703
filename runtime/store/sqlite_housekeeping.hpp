// Taking runs out of a store in one SQLite file.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "runtime/ports/housekeeping.hpp"
#include "runtime/store/sqlite.hpp"

namespace pvsplan::store {

// Used by the thread of the store. Whoever removes a run holds no lease: that the row is as it was is enough, since a
// process that goes on with the run changes it.
class SqliteHousekeeping final : public ports::Housekeeping {
  public:
    explicit SqliteHousekeeping(Database& database) : database_(&database) {}  // which outlives it

    base::Result<std::map<std::string, std::uint64_t>> sizes() const override;
    base::Result<std::uint64_t> size() const override;
    base::Status remove_run(const ports::RunRow& row, const std::string& where) override;
    base::Status give_room_back() override;

    // As ports::Runs.
    base::Result<std::optional<std::string>> archived(const std::string& run) const;
    base::Result<std::map<std::string, std::string>> archived_runs(const std::string& beginning) const;
    base::Result<std::optional<ports::PlanRun>> last_run_of(const std::string& digest) const;

  private:
    Database* database_;
};

}  // namespace pvsplan::store
