#include "runtime/engine/taking.hpp"

#include "runtime/engine/kept.hpp"
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
            .message = "the run " + row.id + " of " + row.plan + " is not over and holds the farm " + row.farm + ": " +
                       words_of(standing),
            .other = standing.is};
}

namespace {

// A process took the farm and has not created its run (yet), or died before that.
Ended held_without_run(const std::string& farm, const ports::Holder& holder) {
    const bool is_alive = ports::life_of(holder.who) == ports::Life::alive;
    return {.outcome = Outcome::held,
            .message = text_of(holder.who) + " holds the farm " + farm + " since " +
                       ports::local_date_time(holder.since) +
                       (is_alive ? "" : ", on another machine or in another container; no run of it is recorded"),
            .other = is_alive ? Standing::Is::under_way : Standing::Is::out_of_sight};
}

Ended held_by(ports::Store& store, const std::string& farm, const ports::Holder& holder) {
    const base::Result<std::optional<ports::RunRow>> row = store.run(holder.run);
    if (!row || !*row) return held_without_run(farm, holder);
    return held_by(**row, standing_of(**row, holder));
}

}  // namespace

std::optional<Taken> take(const World& world, const std::string& farm, const std::string& run, Ended& ended) {
    const auto how = world.take_over_because ? ports::Take::over : ports::Take::if_free;
    base::Result<ports::TakeResult> taken =
        world.store->take_farm(farm, {.who = world.me, .run = run, .since = world.clock->now()}, how);
    if (!taken) {
        ended = wrong(taken.error(), run);
        return std::nullopt;
    }
    if (!taken->hold) {
        ended = held_by(*world.store, farm, *taken->held_by);
        return std::nullopt;
    }
    const bool is_from_somebody = taken->held_by && ports::life_of(taken->held_by->who) != ports::Life::dead;
    return Taken{.hold = *taken->hold, .from = is_from_somebody ? text_of(taken->held_by->who) : ""};
}

std::optional<Record> taken_record(const World& world, const std::string& from) {
    if (from.empty()) return std::nullopt;
    return Record{.is = Record::Is::taken,
                  .value = from,
                  .text = world.take_over_because.value_or(""),
                  .by = world.me.user,
                  .host = world.me.host};
}

base::Result<Kept> load(ports::Store& store, const std::string& run) {
    base::Result<KeptRun> kept = kept_run(store, run);
    if (!kept) return std::move(kept).error();
    base::Result<state::RunState> state = journal::replay(*kept->plan, kept->records);
    if (!state) return std::move(state).error().because_of("the journal of the run " + run + " is damaged");
    if (const std::string fault =
            verify::fault_of_tail(kept->row, kept->records.size(), state->last_hash, state->resting);
        !fault.empty())
        return base::Error{"the journal of the run " + run + " is damaged", {fault}};
    return Kept{std::move(kept->row), std::move(kept->plan), std::make_unique<state::RunState>(std::move(*state))};
}

std::optional<Kept> take_up(const World& world, const std::string& run, Taken& taken, Ended& ended) {
    base::Result<std::optional<ports::RunRow>> row = world.store->run(run);
    if (!row || !*row) {
        ended = row ? Ended{.outcome = Outcome::usage, .message = "there is no run `" + run + "`"} : wrong(row.error());
        return std::nullopt;
    }
    const std::optional<Taken> now = take(world, (*row)->farm, run, ended);
    if (!now) return std::nullopt;
    taken = *now;
    base::Result<Kept> kept = load(*world.store, run);
    if (kept) return std::move(*kept);
    (void)world.store->release_farm(taken.hold);
    ended = wrong(kept.error(), run);
    return std::nullopt;
}

Ended let_go(const World& world, const ports::Hold& hold, Outcome outcome, const std::string& run,
             std::string message) {
    (void)world.store->release_farm(hold);
    return {.outcome = outcome, .run = run, .message = std::move(message)};
}

}  // namespace pvsplan::engine
