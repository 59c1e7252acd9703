// The world of a run, put together: the store, the clock, signals, secrets, and a transport for every `connect.over`.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "runtime/cli/command.hpp"
#include "runtime/engine/run.hpp"

namespace pvsplan::cli {

struct WorldArguments {
    std::uint32_t max_parallel = 64;
    std::vector<std::string> faults;  // of the simulated farm
    std::string pace;                 // how long a simulated step takes
};
void add_world_options(std::vector<Option>& options, WorldArguments& arguments);

enum class StoreUse : std::uint8_t { read, write };
// The store that --store names; else the nearest .pvsplan/state.db in this folder or above it, else one in this folder.
base::Result<std::unique_ptr<ports::Store>> open_store(const Session& session, StoreUse use);

// How long the steps of that plan took in earlier runs, in milliseconds by path; nothing if there is no store.
std::map<std::string, std::int64_t> earlier_durations(const Session& session, const std::string& plan);

class OpenWorld {
  public:
    virtual ~OpenWorld() = default;
    [[nodiscard]] virtual const engine::World& world() const = 0;
};
// `plan` outlives it. From here on signals ask the engine to stop.
base::Result<std::unique_ptr<OpenWorld>> open_world(const Session& session, const program::Plan& plan,
                                                    const WorldArguments& arguments);

// For commands that only write down what a person says: no transport.
base::Result<std::unique_ptr<OpenWorld>> open_desk(const Session& session);

}  // namespace pvsplan::cli
