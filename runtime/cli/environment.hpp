// The environment of a run, put together: the store, the clock, signals, secrets, and a transport for every
// `connect.over`.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "runtime/cli/command.hpp"
#include "runtime/cli/store_place.hpp"
#include "runtime/engine/run.hpp"

namespace pvsplan::cli {

struct EnvironmentArguments {
    std::uint32_t max_parallel = 64;  // steps, or observations, at once
    // `STEP[:WHEN]`, as `--fail` takes it.
    std::vector<std::string> faults;  // of the simulated farm
    // As a duration; empty: a simulated step takes no time.
    std::string pace;  // how long a simulated step takes
    // Else delays of a farm that is simulated are not waited for.
    bool in_real_time = false;  // on a simulated farm too
};
void add_environment_options(std::vector<Option>& options, EnvironmentArguments& arguments);

// The store for a command that names a run and only reads.
base::Result<std::unique_ptr<const ports::Store>> open_store_to_read(Session& session);

// How long the steps of that plan took in earlier runs, in milliseconds by path; nothing if there is no store. Whoever
// only reads a plan, be it a stranger's, never connects to the server that its farm names.
enum class Connects : std::uint8_t { if_farm_says, never };
std::map<std::string, std::int64_t> earlier_durations(Session& session, const PlanInput& input, Connects how);

// Everything that one run needs, open for as long as this lives. One at a time in a process: signals belong to it.
class OpenEnvironment {
  public:
    virtual ~OpenEnvironment() = default;
    [[nodiscard]] virtual const engine::Environment& environment() const = 0;
};
// `plan` outlives it. From here on signals ask the engine to stop. No host is connected to yet: that comes with the
// first job. An error is one of usage, of the store, or a transport that this build does not have.
base::Result<std::unique_ptr<OpenEnvironment>> open_environment(Session& session, const StorePlace& place,
                                                                const program::Plan& plan,
                                                                const EnvironmentArguments& arguments);

// Before a host is asked, all secrets of the farm are read. How a command ends where one is missing, or where whoever
// waited for it interrupted that.
Exit complain_of_secret(Session& session, const engine::Environment& environment, const base::Error& error);

// For commands that only record an operator decision: no transport. It has no secret either.
base::Result<std::unique_ptr<OpenEnvironment>> open_store_session(Session& session);

}  // namespace pvsplan::cli
