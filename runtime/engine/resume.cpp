// What becomes of a run that halted or whose process died: it goes on, goes back, or is given up.
#include <algorithm>
#include <initializer_list>
#include <memory>

#include "compiler/base/lists.hpp"
#include "runtime/engine/back_to.hpp"
#include "runtime/engine/decided.hpp"
#include "runtime/engine/go.hpp"
#include "runtime/engine/lease.hpp"
#include "runtime/engine/messages.hpp"
#include "runtime/engine/notices.hpp"
#include "runtime/engine/operator_decisions.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/journal/replay.hpp"

namespace pvsplan::engine {

using program::InstanceId;
using program::NodeId;
using state::Phase;
using Record = journal::Record;

namespace {

// A command that would go on with a run that is over ends as that run did. Nothing: the run is not over.
// A store that cannot be read is no answer here: whoever takes the run up meets the same error and says it.
std::optional<Ended> over_already(const Environment& environment, const std::string& run) {
    const base::Result<std::optional<ports::RunRow>> row = environment.store->run(run);
    const ports::RunRow found = row.ok() ? row->value_or(ports::RunRow()) : ports::RunRow();
    if (!is_over(found)) return std::nullopt;
    const std::string& outcome = found.outcome;
    const std::string is = "the run " + run + " is " + outcome + ": ";
    if (outcome == name_of(Outcome::done))
        return Ended{.outcome = Outcome::done, .run = run, .message = is + "nothing is left to do"};
    if (outcome == given_up)
        return Ended{.outcome = Outcome::wrong, .run = run, .message = is + "nothing goes on with it"};
    const base::Result<LoadedRun> loaded = load(*environment.store, run);
    const std::string back_to = loaded.ok() ? loaded->state->back_to : "";
    return Ended{.outcome = Outcome::rolled_back,
                 .run = run,
                 .message = is + (back_to.empty() ? "nothing is left to undo"
                                                  : "it went back to before `" + back_to +
                                                        "`; `apply` goes on from what stays, and `pvsplan rollback " +
                                                        run + "` undoes that too"),
                 .is_asked = loaded.ok() && loaded->state->is_rollback_asked};
}

// Records that this process goes on with the run, and from whom it took it.
// The record of a takeover comes first: from there on the journal is written by this process.
void write_resumed(const Environment& environment, JournalWriter& journal, const std::string& from) {
    if (std::optional<Record> record = taken_record(environment, from)) journal.write(std::move(*record));
    journal.write({.type = Record::Type::resumed, .by = environment.me.user, .host = environment.me.host});
}

// The decisions are refused after a job was killed by one of them. The kill stays recorded, and the run halts again.
// Written from a fresh load, since the state of the refused call holds records that were never committed.
Ended halt_in_doubt(const Environment& environment, const ports::Lease& lease, Outcome outcome, const std::string& run,
                    std::string why) {
    base::Result<LoadedRun> loaded = load(*environment.store, run);
    if (!loaded) return let_go(environment, lease, Outcome::wrong, run, loaded.error().text());
    JournalWriter journal_writer(environment.store, *environment.clock, lease, run, *loaded->state);
    journal_writer.write({.type = Record::Type::halted,
                          .value = std::string(name_of(Outcome::in_doubt)),
                          .text = "a job was ended, and all other decisions of this call were refused"});
    journal_writer.set_outcome(std::string(name_of(Outcome::in_doubt)));
    if (base::Status written = journal_writer.commit(); !written)
        return not_written(environment, lease, run, written.error());
    return let_go(environment, lease, outcome, run, std::move(why));
}

// Steps of which to find out what became of them. A failed step is tried again only if the run had halted after the
// failure: a process that died before that had told nobody, so the run first goes on to where it would have halted.
// Thus a run ends the same, killed or not.
std::vector<NodeId> to_be_reconciled(const state::RunState& run) {
    const bool rolls_back = run.forward.rollback_because && !run.is_rolling_back();
    std::vector<NodeId> open;
    for (std::size_t i = 0; i < run.now().size(); ++i) {
        const state::NodeState& at = run.now_state().nodes[i];
        const bool was_under_way = is_under_way(at.phase);
        const bool has_failed = at.phase == Phase::failed || at.phase == Phase::unreached;
        const InstanceId abandoned_with =
            state::abandoned_around(run.now(), run.now_state(), run.now().node(NodeId(i)).instance);
        if (was_under_way || (has_failed && !abandoned_with && !rolls_back && at.ended_as < run.told_as))
            open.push_back(NodeId(i));
    }
    return open;
}

// "`one`, `two`": the steps that are in one of these phases; empty: none is.
std::string steps_in(const state::RunState& run, std::initializer_list<Phase> phases) {
    std::string names;
    for (std::size_t i = 0; i < run.now().size(); ++i)
        if (std::find(phases.begin(), phases.end(), run.now_state().nodes[i].phase) != phases.end())
            base::append(names, ", ", "`" + run.now().node(NodeId(i)).id + "`");
    return names;
}

// Why the run cannot stop before that; empty: it can.
// A group is open as long as one of its steps is.
std::string fault_of_until(const Recorder& recorder, const std::string& until) {
    if (until.empty()) return "";
    const state::RunState& run = recorder.run();
    if (run.is_rolling_back()) return "the run is being rolled back, and stops before no step of the plan";
    bool is_found = false;
    for (std::size_t i = 0; i < run.execution.size(); ++i) {
        if (!state::is_within(run.execution.node(NodeId(i)).id, until)) continue;
        if (!recorder.ready().is_over(NodeId(i))) return "";
        is_found = true;
    }
    return is_found ? "`" + until + "` is done already, so the run cannot stop before it"
                    : "there is no step `" + until + "`";
}

// A run with which this process goes on: it has the farm and the hosts, and the first record says so.
struct Resumed {
    Taken taken;
    LoadedRun loaded;
    Claimed claimed;
    std::unique_ptr<Recorder> recorder;
    Beginning beginning;
};

// Nothing if it cannot go on; `ended` says why.
std::optional<Resumed> take_up(const Environment& environment, const std::string& run, const Options& options,
                               Ended& ended) {
    Taken taken;
    std::optional<LoadedRun> loaded = take_up(environment, run, taken, ended);
    if (!loaded) return std::nullopt;
    Resumed of{.taken = std::move(taken), .loaded = std::move(*loaded)};
    const program::Plan& plan = *of.loaded.plan;
    const auto refuse = [&](Outcome outcome, const std::string& id, std::string why, int signal = 0) {
        ended = let_go(environment, of.taken.lease, outcome, id, std::move(why));
        ended.signal = signal;
        return std::nullopt;
    };
    // Secrets and hosts are asked before the first record: a call that is refused leaves the journal as it was.
    if (base::Status known = check_secrets(environment, plan); !known) {
        ended = without_secret(environment, known.error(), run);
        return refuse(ended.outcome, run, ended.message, ended.signal);
    }
    of.claimed = claim_hosts(environment, plan, claim_of(environment, of.taken.lease, run), options);
    // The claims that were made stay: the run is not over, and its hosts are its own.
    if (!of.claimed.held.empty()) return refuse(Outcome::held, "", of.claimed.held);
    of.recorder = std::make_unique<Recorder>(environment, plan, of.taken.lease, run, *of.loaded.state);
    of.beginning.as = Event::Type::run_resumed;
    write_resumed(environment, of.recorder->journal(), of.taken.from);
    return of;
}

// With all that was decided: goes on.
// An empty outcome with the first commit is what says, to everybody else, that the run is under way again.
Ended go_on(const Environment& environment, const Options& options, Observer& observer, Resumed resumed) {
    Recorder& recorder = *resumed.recorder;
    recorder.look_anew();
    recorder.journal().set_outcome("");
    Beginning& beginning = resumed.beginning;
    beginning.reconcile = to_be_reconciled(recorder.run());
    for (std::string& note : notes_of(environment, recorder.journal(), resumed.claimed))
        beginning.notes.push_back(std::move(note));
    if (const std::string steps = steps_in(recorder.run(), {Phase::started}); !steps.empty())
        beginning.notes.push_back(steps +
                                  " had begun when the process before this one ended: now it is looked at what "
                                  "became of that");
    return go(environment, options, observer, recorder, std::move(resumed.claimed), beginning);
}

}  // namespace

// Nothing is written before all decisions are judged: a call that is refused leaves the journal as it was, but for a
// job that it has killed.
Ended resume(const Environment& environment, const std::string& run, const ResumeOptions& what, const Options& options,
             Observer& observer) {
    if (std::optional<Ended> over = over_already(environment, run)) {
        if (what.decisions.empty()) {
            if (const std::string words = send_what_is_left(environment, run); !words.empty())
                over->message += "; " + words;
            return *over;
        }
        over->outcome = Outcome::usage;
        return *over;
    }
    Ended ended;
    std::optional<Resumed> resumed = take_up(environment, run, options, ended);
    if (!resumed) return ended;
    OperatorDecisions said(environment, options, *resumed->recorder);
    const auto refuse = [&](Outcome outcome, std::string why) {
        Ended refused =
            said.has_killed()           ? halt_in_doubt(environment, resumed->taken.lease, outcome, run, std::move(why))
            : outcome == Outcome::wrong ? not_written(environment, resumed->taken.lease, run, base::Error{why})
                                        : let_go(environment, resumed->taken.lease, outcome, run, std::move(why));
        // Where the user wanted to stop meanwhile, the reason is that a host was not asked.
        if (refused.outcome == Outcome::usage && environment.signals->count() > 0) {
            refused.outcome = Outcome::interrupted;
            refused.signal = environment.signals->number();
        }
        return refused;
    };
    if (std::string why = fault_of_until(*resumed->recorder, options.until); !why.empty())
        return refuse(Outcome::usage, std::move(why));
    Decided decided = decide(said, what, *resumed->recorder,
                             [&] { return take_drift(environment, options, *resumed->recorder, what.told); });
    if (decided.is_refused()) {
        Ended refused = refuse(decided.outcome, std::move(decided.why));
        refused.causes = std::move(decided.causes);
        return refused;
    }
    resumed->beginning.readmit = std::move(decided.readmit);
    resumed->beginning.keep = std::move(decided.keep);
    resumed->beginning.notes = std::move(decided.notes);
    return go_on(environment, options, observer, std::move(*resumed));
}

// A rollback that was decided before, by a failure or by a person, is gone on with; only the first decision is
// recorded.
Ended rollback(const Environment& environment, const std::string& run, const RollbackOptions& what,
               const Options& options, Observer& observer) {
    // A run that is done can still be rolled back, and one that went back to a step still further.
    if (std::optional<Ended> over = over_already(environment, run); over && over->outcome != Outcome::done) {
        const base::Result<LoadedRun> loaded = load(*environment.store, run);
        if (!loaded || !goes_further_back(loaded->row, *loaded->state, what.back_to)) {
            over->is_asked = true;
            return *over;
        }
    }
    Ended ended;
    std::optional<Resumed> resumed = take_up(environment, run, options, ended);
    if (!resumed) return ended;
    const state::RunState& state = *resumed->loaded.state;
    if (std::string why = fault_of_back_to(resumed->loaded.row, state, what.back_to); !why.empty())
        return let_go(environment, resumed->taken.lease, Outcome::usage, run, std::move(why));
    const bool goes_further = goes_further_back(resumed->loaded.row, state, what.back_to);
    const std::string because = what.because.empty() ? environment.me.user + " asked for it" : what.because;
    JournalWriter& journal = resumed->recorder->journal();
    if (goes_further || (!state.is_rolling_back() && !state.forward.rollback_because))
        journal.write({.type = Record::Type::stopped,
                       .node = what.back_to,
                       .value = "rollback",
                       .text = because,
                       .by = environment.me.user});
    if (goes_further) {
        journal.write({.type = Record::Type::rollback_began, .text = resumed->recorder->redactor().clean(because)});
        resumed->recorder->follow_rollback();
    }
    ended = go_on(environment, options, observer, std::move(*resumed));
    ended.is_asked = ended.outcome == Outcome::rolled_back;  // also where a failure had begun it
    return ended;
}

namespace {

// What was queued is durable: sends it, and records that. Who was not told, for people.
std::vector<std::string> told(Notices& notices, JournalWriter& journal) {
    notices.send_queued();
    notices.finish();
    std::vector<std::string> untold = notices.untold();
    if (base::Status written = journal.commit(); !written)
        untold.push_back("who was told is not recorded: " + written.error().text());
    return untold;
}

}  // namespace

// It needs the lease, so it waits for no process: one that is alive has to be taken over from first.
Ended abandon(const Environment& environment, const std::string& run, const std::string& because) {
    const base::Result<std::optional<ports::RunRow>> row = environment.store->run(run);
    if (!row) return wrong(row.error(), run);
    if (!*row) return {.outcome = Outcome::usage, .message = "there is no run `" + run + "`"};
    if (is_over(**row))
        return {.outcome = Outcome::done,
                .run = run,
                .message = "the run " + run + " is " + (*row)->outcome + " already: it locks no farm"};
    Ended ended;
    const std::optional<Taken> taken = take(environment, (*row)->farm, run, ended);
    if (!taken) return ended;
    const ports::Lease* lease = &taken->lease;
    std::string words = "the run " + run + " is given up; the farm " + (*row)->farm + " stays as it is";
    std::vector<std::string> untold;
    base::Status written = base::Done{};
    if (base::Result<LoadedRun> loaded = load(*environment.store, run); loaded.ok()) {
        if (const std::string unfinished = steps_in(*loaded->state, {Phase::started, Phase::in_doubt});
            !unfinished.empty())
            words += ", and nobody has seen the end of " + unfinished;
        Recorder recorder(environment, *loaded->plan, *lease, run, *loaded->state);
        JournalWriter& journal = recorder.journal();
        if (std::optional<Record> record = taken_record(environment, taken->from)) journal.write(std::move(*record));
        for (Record& record : refused_for_good(*loaded->state, "the run was given up"))
            journal.write(std::move(record));
        journal.write({.type = Record::Type::halted,
                       .value = std::string(given_up),
                       .text = because.empty() ? "given up" : because,
                       .by = environment.me.user,
                       .host = environment.me.host});
        journal.set_outcome(std::string(given_up));
        Notices notices(recorder);
        notices.send_what_is_left();
        notices.queue_that_it_is_given_up(words + (because.empty() ? "" : ": " + because));
        written = journal.commit();
        if (written) untold = told(notices, journal);
    } else {
        // A journal that cannot be read takes no further record, but must not lock the farm for ever.
        words += "; its journal cannot be read, and was left as it is";
        written = environment.store->append(*lease, run, {}, std::string(given_up), environment.clock->now());
    }
    if (!written) return not_written(environment, *lease, run, written.error());
    if (base::Result<LoadedRun> loaded = load(*environment.store, run); loaded.ok()) {
        ports::Claim claim = claim_of(environment, *lease, run);
        // Hosts are told last: a claim that stays behind is harmless once the store says that the run is over.
        claim.is_over = true;
        release_hosts(environment, *loaded->plan, claim, {});
    }
    ended = let_go(environment, *lease, Outcome::done, run, words);
    ended.untold = std::move(untold);
    return ended;
}

}  // namespace pvsplan::engine
