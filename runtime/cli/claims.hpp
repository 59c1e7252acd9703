// The claim that a run writes on the hosts of its farm, and what can be found out about somebody else's claim.
#pragma once

#include <string>

#include "runtime/ports/clock.hpp"
#include "runtime/ports/process.hpp"
#include "runtime/ports/runs.hpp"

namespace pvsplan::cli {

// One line of JSON: who it is, since when, and where the run is kept.
std::string claim_owner(const ports::Identity& me, const std::string& store, ports::Millis now);

// The store that this process has open.
struct OwnStore {
    std::string name;
    const ports::Runs* runs = nullptr;
};

// Why the run of a claim is over: its store says so, or is gone with the process that wrote the claim. Only our own
// store, or a file on this machine that is seen through the same mounts, can be asked. Empty: it is not over, or nobody
// can tell.
std::string why_over(const OwnStore& own, const std::string& run, const std::string& owner);

}  // namespace pvsplan::cli
