// Where runs are kept. A store is bytes and locks: it knows neither plans nor what a record says.
// Every function is durable when it returns (except where it says otherwise) and atomic: all of it or nothing.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/process.hpp"

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

// The hold on a farm. Whoever takes a farm gets a token larger than all before it; a write with an older token is
// refused.
struct Lease {
    std::string farm;
    std::uint64_t token = 0;
};
struct LeaseHolder {
    Identity who;
    std::string run;
    Millis since = 0;
};
enum class Take : std::uint8_t {
    if_free,  // nobody holds it, or whoever does is surely dead
    over,     // a person takes it from whoever holds it: that one cannot write another record
};
struct TakeResult {
    std::optional<Lease> lease;          // taken
    std::optional<LeaseHolder> held_by;  // the holder; where the lease was taken over, the former one
};

// An operator decision that another process left for the process of the run, which receives it into the journal.
struct Message {
    std::uint64_t number = 0;
    std::string run;
    std::string bytes;
};

// The simulated farm: what its objects are and which jobs it has seen.
struct SimulatedJob {
    std::string key;
    Millis ends_at = 0;   // on the steady clock of who started it: of no meaning after a restart of the machine,
    Millis takes_ms = 0;  // so that nobody waits longer than it takes
    std::int64_t exit_status = 0;
    std::string out;
    std::string err;
};
struct SimulatedChange {
    struct Set {
        std::string object;  // "server/pvs01"
        std::string attribute;
        std::string value;  // JSON; empty: undefined
    };
    std::vector<Set> sets;
    std::vector<SimulatedJob> jobs;
};

class Store {
  public:
    virtual ~Store() = default;

    // --- runs -----------------------------------------------------------------------------------------------------
    // Under the hold. Refused if `use` is `single` and a run with that digest exists (the message names it).
    enum class Use { many, single };
    virtual base::Status create_run(const Lease& lease, const RunRow& row, const std::string& plan_bytes, Use use,
                                    const std::vector<RecordRow>& first) = 0;
    virtual base::Result<std::vector<RunRow>> runs() = 0;  // in the order in which they were created
    virtual base::Result<std::optional<RunRow>> run(const std::string& id) = 0;
    virtual base::Result<std::string> plan_bytes(const std::string& run) = 0;

    // --- journal --------------------------------------------------------------------------------------------------
    // All of `rows` in one durable commit, under the hold; `outcome`: the new one, if it changes.
    virtual base::Status append(const Lease& lease, const std::string& run, const std::vector<RecordRow>& rows,
                                const std::optional<std::string>& outcome, Millis now) = 0;
    virtual base::Result<std::vector<RecordRow>> records(const std::string& run) = 0;

    // --- the lease on a farm ----------------------------------------------------------------------------------------
    virtual base::Result<TakeResult> acquire(const std::string& farm, const LeaseHolder& holder, Take how) = 0;
    virtual base::Status release_farm(const Lease& lease) = 0;
    // Whether nobody has taken the farm since.
    virtual base::Result<bool> holds(const Lease& lease) = 0;
    virtual base::Result<std::optional<LeaseHolder>> holder(const std::string& farm) = 0;

    // --- messages -------------------------------------------------------------------------------------------------
    virtual base::Status post_message(const std::string& run, const std::string& bytes) = 0;
    virtual base::Result<std::vector<Message>> messages(const std::string& run) = 0;
    virtual base::Status remove_messages(const std::string& run, std::uint64_t up_to) = 0;

    // --- the simulated farm -----------------------------------------------------------------------------------------
    // object id -> attribute -> JSON. Writes survive the process at once, the power only with the next durable commit
    // (they are never reordered with it), as on a farm that another machine keeps.
    virtual base::Result<std::map<std::string, std::map<std::string, std::string>>> simulated_state(
        const std::string& farm) = 0;
    virtual base::Result<std::optional<SimulatedJob>> simulated_job(const std::string& farm,
                                                                    const std::string& key) = 0;
    virtual base::Status change_simulated(const std::string& farm, const SimulatedChange& change) = 0;

    // How many durable commits this process has made.
    [[nodiscard]] virtual std::uint64_t commits() const = 0;
};

}  // namespace pvsplan::ports
