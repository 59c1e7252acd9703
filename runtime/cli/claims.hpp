// The claim that a run writes on the hosts of its farm, and what can be found out about somebody else's claim.
#pragma once

#include <string>

#include "runtime/ports/clock.hpp"
#include "runtime/ports/process.hpp"
#include "runtime/ports/runs.hpp"

namespace pvsplan::cli {

// One line of JSON: who it is, since when, and where the run is kept. `store`: its file or its URL, as this process has
// opened it; a file is told by its absolute path.
std::string claim_owner(const ports::Identity& me, const std::string& store, ports::Millis now);

// The store that this process has open. The leases of its farms are ours to ask about.
struct OwnStore {
    std::string name;                   // as in StorePlace::file
    const ports::Runs* runs = nullptr;  // never null where it is asked
};

// Why the run of a claim is over: its store says so, or is gone with the process that wrote the claim. Only our own
// store, or a file on this machine that is seen through the same mounts, can be asked. Empty: it is not over, or nobody
// can tell. `owner`: the text of the claim as it was read from a host, which may be anything.
std::string why_over(const OwnStore& own, const std::string& run, const std::string& owner);

}  // namespace pvsplan::cli
