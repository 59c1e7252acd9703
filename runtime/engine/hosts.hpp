// What a run asks hosts apart from the commands of steps: which run has claimed them, and whether a job lives.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/engine/run.hpp"

namespace pvsplan::engine {

// Asks one host and waits for its answer. `never_started`, which answers nothing, if there is no way to it, or if the
// user wants to stop meanwhile.
ports::JobEvent ask_host(const Environment& environment, const std::string& over, ports::Job job);

// Hosts are claimed before their run is recorded, and say so until the first of its commands is there. Thus the claim
// of a run that the store does not know gives way where nothing of it has begun, and stays where the store has lost it.
enum class Recorded : std::uint8_t { not_yet, yes };
inline constexpr const char* not_recorded_yet = "not recorded yet";  // as `run_is` of the owner

// The claim of a run, as its hosts store it.
ports::Claim claim_of(const Environment& environment, const ports::Lease& lease, const std::string& run,
                      Recorded recorded = Recorded::yes);

// By transport and object, where a host keeps its jobs: "local server/a" -> "ID uid=0 …".
using Places = std::map<std::string, std::string>;
std::string place_key(const std::string& over, const program::Object* host);

// Another run's claim that no longer stands. The journal records it.
struct GaveWay {
    std::string claim;  // "the claim of the run R on server/a", for people
    std::string why;
};

struct Claimed {
    Places places;
    std::vector<GaveWay> gave_way;
    std::vector<std::string> notes;  // for people: hosts that cannot store a claim
    std::string held;                // who has claimed one of the hosts; empty: all that answered are ours
};
// Claims every host of the plan that is not simulated. If another run has claimed one, those that were claimed stay so:
// the caller releases them unless they are those of a run that goes on.
Claimed claim_hosts(const Environment& environment, const program::Plan& plan, const ports::Claim& claim,
                    const Options& options);
void release_hosts(const Environment& environment, const program::Plan& plan, const ports::Claim& claim,
                   const Options& options);

}  // namespace pvsplan::engine
