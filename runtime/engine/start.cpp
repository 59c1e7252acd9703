// How a run comes to be.
#include <algorithm>

#include "compiler/base/digest.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/engine/go.hpp"
#include "runtime/engine/lease.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/ports/calendar.hpp"

namespace pvsplan::engine {

using Record = journal::Record;

namespace {

// "20261124-0812-k3x9": sorts by time, differs between processes and hosts.
// One that no run of the store has: a minute of two hundred farms would have one twice in fifty times.
base::Result<std::string> new_run_id(const Environment& environment, const std::string& digest) {
    static constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    const base::Result<std::vector<ports::RunRow>> rows = environment.store->runs();
    if (!rows) return rows.error();
    const ports::Millis now = environment.clock->now();
    const std::string seed = ports::mark_of(environment.me) + std::to_string(now) + digest;
    for (std::size_t attempt = 0;; ++attempt) {
        const std::string hash = base::sha256_hex(seed + std::to_string(attempt));
        std::string id = ports::utc_text(now, "%Y%m%d-%H%M-");
        for (std::size_t i = 0; i < 4; ++i)
            id += alphabet[static_cast<std::size_t>(std::stoul(hash.substr(4 * i, 4), nullptr, 16)) % alphabet.size()];
        if (std::ranges::find(*rows, id, &ports::RunRow::id) == rows->end()) return id;
    }
}

// What people can do with a compiled plan that has had its run.
std::string after_its_run(const ports::PlanRun& run) {
    const std::string archived = run.archive.empty() ? "" : " and was archived into `" + run.archive + "`";
    if (run.outcome == name_of(Outcome::rolled_back))
        return ", which was rolled back" + archived +
               "; the plan has the same digest whenever it is compiled, so `apply --again` runs it once more";
    if (is_over(run.outcome) || !run.archive.empty())  // what is not over is not archived
        return ", which is over" + archived + "; a new run wants a plan that was compiled for the farm as it is now";
    return "; `resume` goes on with it";
}

// Whether others had the farm between our observation of it and our lease: a run that is new, or has more records than
// were counted before the observation, may have changed what was observed.
std::optional<Ended> changed_since(const ports::Runs& runs, const std::string& farm, const FarmRuns& before) {
    const base::Result<FarmRuns> now = runs_of_farm(runs, farm);
    if (!now) return wrong(now.error());
    for (const auto& [id, records] : *now)
        if (const auto known = before.find(id); known == before.end() || known->second != records)
            return Ended{.outcome = Outcome::stale,
                         .message = "the run " + id + " has changed the farm " + farm +
                                    " since it was observed; nothing was done: apply again, on what it is now"};
    return std::nullopt;
}

}  // namespace

// A compiled plan is for the farm as it was observed, so it has one run, unless `--again` says otherwise.
std::optional<Ended> earlier_run(const ports::Runs& runs, const program::Plan& plan) {
    const base::Result<std::optional<ports::PlanRun>> last = runs.last_run_of(plan.digest);
    if (!last || !*last) return std::nullopt;  // who starts one is told by then
    return Ended{.outcome = Outcome::stale,
                 .run = (*last)->id,
                 .message = "this compiled plan has had its run, " + (*last)->id + after_its_run(**last)};
}

// The order of the steps is that of what each failure leaves behind: questions first, then the lease, then claims on
// hosts, and the run itself last, with its first records in one commit.
Ended start(const Environment& environment, const program::Plan& plan, const std::string& plan_bytes,
            const Options& options, Observer& observer) {
    if (options.use == ports::Runs::Use::single)
        if (std::optional<Ended> earlier = earlier_run(*environment.store, plan)) return *earlier;
    if (base::Status known = check_secrets(environment, plan); !known)
        return without_secret(environment, known.error());
    const base::Result<std::string> unused = new_run_id(environment, plan.digest);
    if (!unused) return wrong(unused.error());
    const std::string& id = *unused;
    // Checked before the lease is acquired: a run under way must not lose it to one that is then refused.
    if (std::optional<Ended> held = held_by_run(*environment.store, plan.farm)) return *held;
    Ended ended;
    const std::optional<Taken> taken = take(environment, plan.farm, id, ended);
    if (!taken) return ended;
    const ports::Lease* lease = &taken->lease;
    // Asked again under the lease: another run may have begun and halted between the two.
    if (std::optional<Ended> held = held_by_run(*environment.store, plan.farm)) {
        (void)environment.store->release(*lease);
        return *held;
    }
    if (options.observed_after)
        if (std::optional<Ended> changed = changed_since(*environment.store, plan.farm, *options.observed_after)) {
            (void)environment.store->release(*lease);
            return *changed;
        }
    // Hosts are claimed before the run exists: a run that cannot have its hosts is never recorded. A crash in between
    // leaves claims that say so themselves.
    const ports::Claim claim = claim_of(environment, *lease, id, Recorded::not_yet);
    Claimed claimed = claim_hosts(environment, plan, claim, options);
    if (!claimed.held.empty()) {
        // No run comes to be. One that is resumed keeps what it had claimed: it is not over.
        release_hosts(environment, plan, claim, options);
        return let_go(environment, *lease, Outcome::held, "", claimed.held);
    }
    state::RunState run(plan);
    Recorder recorder(environment, plan, *lease, id, run);
    recorder.journal().write({.type = Record::Type::began,
                              .value = plan.digest,
                              .text = program::simulated_text(plan),
                              .by = environment.me.user,
                              .account = environment.me.account,
                              .host = environment.me.host,
                              .said = options.again});
    if (std::optional<Record> record = taken_record(environment, taken->from))
        recorder.journal().write(std::move(*record));
    const ports::Millis now = environment.clock->now();
    const ports::RunRow row{
        .id = id, .plan = plan.name, .farm = plan.farm, .digest = plan.digest, .begun_at = now, .touched_at = now};
    if (base::Status made =
            environment.store->create_run(*lease, row, plan_bytes, options.use, recorder.journal().take_rows());
        !made) {
        release_hosts(environment, plan, claim, options);
        Ended refused = not_written(environment, *lease, "", made.error());
        if (refused.outcome == Outcome::wrong) refused.run = id;
        return refused;
    }
    std::vector<std::string> notes = notes_of(environment, recorder.journal(), claimed);
    return go(environment, options, observer, recorder, std::move(claimed), {.notes = std::move(notes)});
}

}  // namespace pvsplan::engine
