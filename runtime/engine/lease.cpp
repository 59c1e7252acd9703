#include "runtime/engine/lease.hpp"

#include "runtime/engine/stored_run.hpp"
#include "runtime/journal/replay.hpp"
#include "runtime/ports/time_text.hpp"

namespace pvsplan::engine {

using Record = journal::Record;

Ended wrong(const base::Error& error, const std::string& run) {
    return {.outcome = Outcome::wrong, .run = run, .message = error.text()};
}

Ended held_by(const ports::RunRow& row, const Standing& standing) {
    return {.outcome = Outcome::held,
            .run = row.id,
            .message = "the farm " + row.farm + " is locked by the run " + row.id + " of " + row.plan +
                       ", which is not over: " + words_of(standing),
            .other = standing.type};
}

namespace {

// A process acquired the lease and has not created its run yet, or died before it did.
Ended held_without_run(const std::string& farm, const ports::HeldLease& held) {
    const bool is_alive = held.expiry == ports::Expiry::valid;
    return {.outcome = Outcome::held,
            .message = "the farm " + farm + " is locked since " + ports::local_date_time(held.owner.since) + " by " +
                       text_of(held.owner.who) +
                       (is_alive ? "" : ", on another machine or in another container; no run of it is recorded"),
            .other = is_alive ? Standing::Type::under_way : Standing::Type::out_of_sight};
}

// By the run that the lease names, if its row can be read; else by the process alone.
Ended held_by(const ports::Runs& runs, const std::string& farm, const ports::HeldLease& held) {
    const base::Result<std::optional<ports::RunRow>> row = runs.run(held.owner.run);
    if (!row || !*row) return held_without_run(farm, held);
    return held_by(**row, standing_of(**row, held));
}

}  // namespace

// An expired lease belonged to a process that is gone. Nobody is told of it: the farm was free, and nothing was taken
// from anybody.
std::optional<Taken> take(const Environment& environment, const std::string& farm, const std::string& run,
                          Ended& ended) {
    const auto how = environment.take_over_because ? ports::Take::over : ports::Take::if_free;
    base::Result<ports::TakeResult> taken =
        environment.store->acquire(farm, {.who = environment.me, .run = run, .since = environment.clock->now()}, how);
    if (!taken) {
        ended = wrong(taken.error(), run);
        return std::nullopt;
    }
    if (!taken->lease) {
        ended = held_by(*environment.store, farm, *taken->held_by);
        return std::nullopt;
    }
    const bool is_from_somebody = taken->held_by && taken->held_by->expiry != ports::Expiry::expired;
    return Taken{.lease = *taken->lease, .from = is_from_somebody ? text_of(taken->held_by->owner.who) : ""};
}

// None where nothing was taken from anybody. The record is the first that the new owner writes.
std::optional<Record> taken_record(const Environment& environment, const std::string& from) {
    if (from.empty()) return std::nullopt;
    return Record{.type = Record::Type::taken,
                  .value = from,
                  .text = environment.take_over_because.value_or(""),
                  .by = environment.me.user,
                  .account = environment.me.account,
                  .host = environment.me.host};
}

// A journal may be whole in itself and yet lack its end. The row of the run knows how many records there were and the
// hash of the last.
base::Result<LoadedRun> load(const ports::Runs& runs, const std::string& run) {
    base::Result<StoredRun> stored = stored_run(runs, run);
    if (!stored) return std::move(stored).error();
    base::Result<state::RunState> state = journal::replay(*stored->plan, stored->records);
    if (!state) return std::move(state).error().because_of("the journal of the run " + run + " is damaged");
    for (const std::string& fault :
         {verify::fault_of_row(stored->row, *stored->plan),
          verify::fault_of_tail(stored->row, stored->records.size(), state->last_hash, state->halted)})
        if (!fault.empty()) return base::Error{"the journal of the run " + run + " is damaged", {fault}};
    return LoadedRun{std::move(stored->row), std::move(stored->plan),
                     std::make_unique<state::RunState>(std::move(*state))};
}

// The run is read only under its lease: nobody writes another record of it from then on. The row read before that tells
// no more than the farm.
std::optional<LoadedRun> take_up(const Environment& environment, const std::string& run, Taken& taken, Ended& ended) {
    base::Result<std::optional<ports::RunRow>> row = environment.store->run(run);
    if (!row || !*row) {
        ended = row ? Ended{.outcome = Outcome::usage, .message = "there is no run `" + run + "`"} : wrong(row.error());
        return std::nullopt;
    }
    const std::optional<Taken> now = take(environment, (*row)->farm, run, ended);
    if (!now) return std::nullopt;
    taken = *now;
    base::Result<LoadedRun> loaded = load(*environment.store, run);
    if (loaded) return std::move(*loaded);
    (void)environment.store->release(taken.lease);
    ended = wrong(loaded.error(), run);
    return std::nullopt;
}

// The new owner is named as far as the store says; that it cannot be read changes nothing of the outcome.
Ended taken_over(const Environment& environment, const std::string& farm, const std::string& run,
                 const std::string& so) {
    std::string by = "another process";
    if (const auto held = environment.store->held(farm); held && *held) by = text_of((*held)->owner.who);
    return {
        .outcome = Outcome::held,
        .run = run,
        .message = (run.empty() ? "the farm " + farm : std::string("the run")) + " was taken over by " + by + ": " + so,
        .other = Standing::Type::under_way};
}

// The store is asked whether the lease still holds, because a write fails by a lost lease as by a full disk, and people
// have to do different things.
Ended not_written(const Environment& environment, const ports::Lease& lease, const std::string& run,
                  const base::Error& error) {
    const base::Result<bool> is_held = environment.store->renew(lease);
    if (is_held && !*is_held)
        return taken_over(environment, lease.farm, run, "this process was away for too long, and has recorded nothing");
    return let_go(environment, lease, Outcome::wrong, run, error.text());
}

// Releases the lease, whose failure is not told: it expires by itself, and the message is about what went wrong first.
Ended let_go(const Environment& environment, const ports::Lease& lease, Outcome outcome, const std::string& run,
             std::string message) {
    (void)environment.store->release(lease);
    return {.outcome = outcome, .run = run, .message = std::move(message)};
}

}  // namespace pvsplan::engine
