// Taking a farm for a run, and loading what the store keeps of it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "runtime/engine/run.hpp"
#include "runtime/engine/standing.hpp"
#include "runtime/journal/record.hpp"

namespace pvsplan::engine {

Ended wrong(const base::Error& error, const std::string& run = {});

// How a run is refused because another process has it, or another run its farm.
Ended held_by(const ports::RunRow& row, const Standing& standing);

// The hold on a farm, and from whom a person took it, for the journal.
struct Taken {
    ports::Lease lease;
    std::string from;
};

// The hold on the farm, or how it ended without one.
std::optional<Taken> take(const Environment& environment, const std::string& farm, const std::string& run,
                          Ended& ended);

// The first record of who took the farm from somebody.
std::optional<journal::Record> taken_record(const Environment& environment, const std::string& from);

// A run that is taken up.
struct LoadedRun {
    ports::RunRow row;
    std::unique_ptr<program::Plan> plan;
    std::unique_ptr<state::RunState> state;
};

// An error if its journal is damaged, be it only at its end: nothing goes on over that.
base::Result<LoadedRun> load(ports::Store& store, const std::string& run);

// A loaded run under the hold, or how it ended before it went on.
std::optional<LoadedRun> take_up(const Environment& environment, const std::string& run, Taken& taken, Ended& ended);

// Lets the farm go and ends.
Ended let_go(const Environment& environment, const ports::Lease& lease, Outcome outcome, const std::string& run,
             std::string message);

}  // namespace pvsplan::engine
