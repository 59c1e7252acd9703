// What keeps a store from growing for ever: runs that are over, and that were written into files of their own, are
// taken out of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "compiler/base/result.hpp"
#include "runtime/ports/runs.hpp"

namespace pvsplan::ports {

// Whoever calls it holds no lease. Called by `runs --archive` and `runs --sizes`, never by a run.
class Housekeeping {
  public:
    virtual ~Housekeeping() = default;

    // How many bytes a run takes with its plan and its records, by id; a plan that several have run counts for each.
    virtual base::Result<std::map<std::string, std::uint64_t>> sizes() const = 0;
    // What all of the store takes, with what is free in it.
    virtual base::Result<std::uint64_t> size() const = 0;

    // Takes a run out, with its plan, its records and its messages, in one durable commit: if it is there as `row`
    // says, and as nobody has changed it since. What stays is `where` it is now, and that its compiled plan has had its
    // run, and with what outcome.
    virtual base::Status remove_run(const RunRow& row, const std::string& where) = 0;
    // Gives the room of what was taken out back to the disk, where the store does not see to that by itself.
    virtual base::Status give_room_back() = 0;
};

}  // namespace pvsplan::ports
