// The farm of simulated objects: how they are, and which jobs it has seen. Writes survive the process at once, the
// power only with the next durable commit of a run (they are never reordered with it), as on a farm that another
// machine keeps.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/clock.hpp"

namespace pvsplan::ports {

// A command on the simulated farm, which knows its end from the beginning.
struct SimulatedJob {
    std::string key;
    Millis ends_at = 0;   // on the steady clock of who started it: of no meaning after a restart of the machine,
    Millis takes_ms = 0;  // so that nobody waits longer than it takes
    std::int64_t exit_status = 0;  // once its time is over
    std::string out;
    std::string err;
};
struct SimulatedChange {
    struct Set {
        std::string object;  // "server/pvs01"
        std::string attribute;
        std::string value;  // JSON; empty: undefined
    };
    std::vector<Set> sets;           // done together with `jobs`, or not at all
    std::vector<SimulatedJob> jobs;  // one whose key the farm has seen stays as it was
};

class SimulatedFarm {
  public:
    virtual ~SimulatedFarm() = default;

    // object id -> attribute -> JSON
    virtual base::Result<std::map<std::string, std::map<std::string, std::string>>> simulated_state(
        const std::string& farm) const = 0;
    // Nothing: the farm has never seen a job of that key.
    virtual base::Result<std::optional<SimulatedJob>> simulated_job(const std::string& farm,
                                                                    const std::string& key) const = 0;
    // All of it or nothing.
    virtual base::Status change_simulated(const std::string& farm, const SimulatedChange& change) = 0;
    // Nothing was set on any object. The jobs stay: they belong to runs.
    virtual base::Status reset_simulated(const std::string& farm) = 0;
};

}  // namespace pvsplan::ports
