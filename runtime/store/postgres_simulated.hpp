// The farm of simulated objects, in a store on PostgreSQL.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "runtime/ports/simulated_farm.hpp"
#include "runtime/store/postgres_session.hpp"

namespace pvsplan::store {

// Used by the thread of the session. Changes are not waited for to reach the disk: they are there after the next commit
// of a run.
class PostgresSimulatedFarm final : public ports::SimulatedFarm {
  public:
    explicit PostgresSimulatedFarm(PostgresSession& session) : session_(&session) {}  // which outlives it

    base::Result<std::map<std::string, std::map<std::string, std::string>>> simulated_state(
        const std::string& farm) const override;
    base::Result<std::optional<ports::SimulatedJob>> simulated_job(const std::string& farm,
                                                                   const std::string& key) const override;
    base::Status change_simulated(const std::string& farm, const ports::SimulatedChange& change) override;
    base::Status reset_simulated(const std::string& farm) override;

  private:
    PostgresSession* session_;
};

}  // namespace pvsplan::store
