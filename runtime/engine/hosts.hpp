// What hosts are asked beside the commands of steps: whom they belong to, and whether a job lives.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/engine/run.hpp"

namespace pvsplan::engine {

// Asks one host and waits for its answer; `lost` if the user wants to stop meanwhile.
ports::JobEvent ask_host(const Environment& environment, const std::string& over, ports::Job job);

// The claim of a run, as its hosts keep it.
ports::Claim claim_of(const Environment& environment, const ports::Lease& lease, const std::string& run);

// By transport and object, where a host keeps its jobs: "local server/a" -> "ID uid=0 …".
using Places = std::map<std::string, std::string>;
std::string place_key(const std::string& over, const program::Object* host);

// A claim of somebody else that stands no more: that is recorded.
struct GaveWay {
    std::string claim;  // "the claim of the run R on server/a", for people
    std::string why;
};

struct Claimed {
    Places places;
    std::vector<GaveWay> gave_way;
    std::vector<std::string> notes;  // for people: hosts that can keep none
    std::string held;                // who has one of the hosts; empty: all that answered are ours
};
// Claims every host of the plan that is no simulated one. Where one is somebody else's, all are given back.
Claimed claim_hosts(const Environment& environment, const program::Plan& plan, const ports::Claim& claim,
                    const Options& options);
void release_hosts(const Environment& environment, const program::Plan& plan, const ports::Claim& claim,
                   const Options& options);

}  // namespace pvsplan::engine
