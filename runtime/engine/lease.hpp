// Acquires the lease on a farm for a run, and loads the run from the store.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "runtime/engine/run.hpp"
#include "runtime/engine/standing.hpp"
#include "runtime/journal/record.hpp"

namespace pvsplan::engine {

// What the store, or a secret, says is told as it is.
Ended wrong(const base::Error& error, const std::string& run = {});

// How a run is refused because another process has it, or another run locks its farm.
Ended held_by(const ports::RunRow& row, const Standing& standing);

// The lease on a farm, and from whom a person took it, for the journal.
struct Taken {
    ports::Lease lease;
    std::string from;
};

// Acquires the lease; nothing if that failed, and `ended` says why.
std::optional<Taken> take(const Environment& environment, const std::string& farm, const std::string& run,
                          Ended& ended);

// The first record of a process that took the farm from another one.
std::optional<journal::Record> taken_record(const Environment& environment, const std::string& from);

// A run that is taken up.
struct LoadedRun {
    ports::RunRow row;
    std::unique_ptr<program::Plan> plan;
    std::unique_ptr<state::RunState> state;
};

// An error if its journal is damaged, be it only at its end: a run never goes on over damage.
base::Result<LoadedRun> load(const ports::Runs& runs, const std::string& run);

// Acquires the lease and loads the run; nothing if that failed, and `ended` says why.
// The caller releases `taken` unless it goes on with the run.
std::optional<LoadedRun> take_up(const Environment& environment, const std::string& run, Taken& taken, Ended& ended);

// Another process has the farm; `so` says what that means for this one.
Ended taken_over(const Environment& environment, const std::string& farm, const std::string& run,
                 const std::string& so);

// What cannot be written: another process has the farm, or the store is at fault.
Ended not_written(const Environment& environment, const ports::Lease& lease, const std::string& run,
                  const base::Error& error);

// Releases the lease and ends.
Ended let_go(const Environment& environment, const ports::Lease& lease, Outcome outcome, const std::string& run,
             std::string message);

}  // namespace pvsplan::engine
