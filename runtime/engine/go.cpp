#include "runtime/engine/go.hpp"

#include "runtime/engine/lease.hpp"

namespace pvsplan::engine {

// The claims on hosts stay while the run is not over: a run from another store has to find them. They are released only
// after the end is durable, and a crash in between leaves claims of a run that its store knows to be over.
Ended go(const Environment& environment, const Options& options, Observer& observer, Recorder& recorder,
         Claimed claimed, const Beginning& beginning) {
    ports::Claim claim = claim_of(environment, recorder.journal().lease(), recorder.run_id());
    Runner runner(environment, options, observer, recorder, claim, std::move(claimed.places));
    Ended ended = runner.go(beginning);
    claim.is_over = ended.outcome == Outcome::done || ended.outcome == Outcome::rolled_back;
    if (claim.is_over) release_hosts(environment, recorder.plan(), claim, options);
    return ended;
}

// That a claim gave way is a record, so that the journal says who decided it and why.
std::vector<std::string> notes_of(const Environment& environment, JournalWriter& journal, const Claimed& claimed) {
    std::vector<std::string> notes;
    for (const GaveWay& one : claimed.gave_way) {
        journal.write({.type = journal::Record::Type::taken,
                       .value = one.claim,
                       .text = one.why,
                       .by = environment.me.user,
                       .host = environment.me.host});
        notes.push_back(one.claim + " gives way: " + one.why);
    }
    notes.insert(notes.end(), claimed.notes.begin(), claimed.notes.end());
    return notes;
}

Ended without_secret(const Environment& environment, const base::Error& error, const std::string& run) {
    const ports::Signals& signals = *environment.signals;
    if (signals.count() == 0) return wrong(error, run);
    return {.outcome = Outcome::interrupted,
            .run = run,
            .message = "interrupted before anything was done",
            .signal = signals.number()};
}

}  // namespace pvsplan::engine
