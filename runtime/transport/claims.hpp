// Claims of this machine: a file for each farm that names the run that has locked it, in a place that is the same for
// every account.
//
//   /var/lib/pvsplan/claims/FARM   made by root, or by whomever an administrator lets write there
//   /run/lock/pvsplan-FARM         where that cannot be written; it goes when the machine restarts
//
// Each is one line, "RUN TOKEN OWNER", complete when it appears. Whoever claims looks in all places, and again after he
// wrote his own: of two who do so at once at most one goes on. A claim is only ever a reason to refuse; so is what
// stands in its place and cannot be read, which is told as "? WHY".
#pragma once

#include <string>
#include <vector>

#include "runtime/ports/transport.hpp"

namespace pvsplan::transport {

// A file name of the farm's; no two farms share one.
std::string claim_name(const std::string& farm);
// Without its end of line.
std::string claim_line(const ports::Claim& claim);

struct Claimed {
    enum class Result : std::uint8_t {
        ours,
        held,     // by `line` in `file`
        nowhere,  // no place can be written; `why`
    };
    Result result = Result::ours;
    std::string line;
    std::string file;
    std::string why;
};
// `places`: what file names are put behind, the best first. Renews a claim of the same run, and takes away one that
// gives way (`instead_of`).
Claimed make_claim(const std::vector<std::string>& places, const ports::Claim& claim);
// Takes back what is ours.
void release_claim(const std::vector<std::string>& places, const ports::Claim& claim);

}  // namespace pvsplan::transport
