// The runs that a store keeps: of each its row, the bytes of its compiled plan, and its records. What the bytes say is
// not known here. Whoever only reads takes `const Runs&`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/leases.hpp"

namespace pvsplan::ports {

struct RunRow {
    std::string id;    // "20261124-0812-k3x9": sorts by time
    std::string plan;  // name
    std::string farm;
    std::string digest;   // of the compiled plan
    std::string outcome;  // how it halted or ended last, as journal::outcome texts; empty: it has been under way since
    Millis begun_at = 0;
    Millis touched_at = 0;  // when its last record was written
    std::uint64_t records = 0;
    std::string head = {};  // hash of the last one
};

// One record of a run's journal, as stored. The hash covers the hash of the one before, so none can be changed alone.
struct RecordRow {
    std::uint64_t number = 0;  // from 1, without gaps
    std::string bytes;
    std::string hash;  // 64 hex digits
};

// A run of a compiled plan, wherever it is now.
struct PlanRun {
    std::string id;
    std::string outcome;  // as in RunRow
    std::string archive;  // where it is, as words for people, since it was taken out of the store; empty: it was not
};

class Runs {
  public:
    virtual ~Runs() = default;

    virtual base::Result<std::vector<RunRow>> runs() const = 0;  // in the order in which they were created
    virtual base::Result<std::optional<RunRow>> run(const std::string& id) const = 0;
    // As they were passed to create_run(), byte by byte. An error: there is no such run.
    virtual base::Result<std::string> plan_bytes(const std::string& run) const = 0;
    virtual base::Result<std::vector<RecordRow>> records(const std::string& run) const = 0;  // of no run: none

    // Where a run is that was taken out, as words for people: it was over. Nothing: none of that id was taken out.
    virtual base::Result<std::optional<std::string>> archived(const std::string& id) const = 0;
    // The same, by id, of all whose ids begin so.
    virtual base::Result<std::map<std::string, std::string>> archived_runs(const std::string& beginning) const = 0;
    // The run of a compiled plan that was created last, be it taken out since; nothing: it has had none.
    virtual base::Result<std::optional<PlanRun>> last_run_of(const std::string& digest) const = 0;

    // What is written is one durable commit, or nothing at all. It is refused unless the lease is held and is on the
    // farm of the run, and unless the records follow on those that are there: a process that lost its lease writes
    // nothing more, and neither does one whose store was put back to an earlier time.

    // `row` without its records and head, which are those of `first`. Refused if there is a run of that id, or if `use`
    // is `single` and there is a run with that digest, or was before it was taken out (the message names it).
    enum class Use : std::uint8_t { many, single };
    virtual base::Status create_run(const Lease& lease, const RunRow& row, const std::string& plan_bytes, Use use,
                                    const std::vector<RecordRow>& first) = 0;
    // `outcome`: the new one, if it changes. The run is touched at `now` if anything of it does.
    virtual base::Status append(const Lease& lease, const std::string& run, const std::vector<RecordRow>& rows,
                                const std::optional<std::string>& outcome, Millis now) = 0;
    // Whether an append was refused because the store has less than it had confirmed to this process: a lagging copy
    // was made its server, or a backup restored. Nothing may go on from there before a person has looked at it.
    [[nodiscard]] virtual bool is_put_back() const { return false; }
    // How many such commits this process has made.
    [[nodiscard]] virtual std::uint64_t commits() const = 0;
};

}  // namespace pvsplan::ports
