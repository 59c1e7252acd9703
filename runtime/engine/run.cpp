#include "runtime/engine/run.hpp"

#include <algorithm>
#include <initializer_list>
#include <memory>

#include "compiler/base/digest.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/engine/back_to.hpp"
#include "runtime/engine/lease.hpp"
#include "runtime/engine/messages.hpp"
#include "runtime/engine/notices.hpp"
#include "runtime/engine/operator_decisions.hpp"
#include "runtime/engine/runner.hpp"
#include "runtime/journal/replay.hpp"
#include "runtime/ports/calendar.hpp"
#include "runtime/state/env.hpp"

namespace pvsplan::engine {

using program::InstanceId;
using program::NodeId;
using state::Phase;
using Record = journal::Record;

namespace {

// The outcome of a run that was given up.
constexpr std::string_view given_up = "given up";

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

// Records that this process goes on with the run, and from whom it took it.
void write_resumed(const Environment& environment, JournalWriter& journal, const std::string& from) {
    if (std::optional<Record> record = taken_record(environment, from)) journal.write(std::move(*record));
    journal.write({.type = Record::Type::resumed, .by = environment.me.user, .host = environment.me.host});
}

// A command that would go on with a run that is over ends as that run did. Nothing: the run is not over.
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
                                                        "`, and undoes no more; `apply` goes on from what stays"),
                 .is_asked = loaded.ok() && loaded->state->is_rollback_asked};
}

// The decisions are refused after a job was killed by one of them. The kill stays recorded, and the run halts again.
Ended halt_in_doubt(const Environment& environment, const ports::Lease& lease, Outcome outcome, const std::string& run,
                    std::string why) {
    base::Result<LoadedRun> loaded = load(*environment.store, run);
    if (!loaded) return let_go(environment, lease, Outcome::wrong, run, loaded.error().text());
    JournalWriter journal_writer(*environment.store, *environment.clock, lease, run, *loaded->state);
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

// Abandoned iterations that people were told of (or decide about now), and whether they can be tried again: not where
// one within them was abandoned as well. What a person left out waits until one wants it tried again.
struct Readmissions {
    std::vector<InstanceId> again;
    std::vector<InstanceId> by_hand;
};
Readmissions readmissions_of(const state::RunState& run, const OperatorDecisions& said) {
    const std::vector<InstanceId>& asked = said.tried_again();
    Readmissions of;
    for (const InstanceId one : abandoned_iterations(run.now(), run.now_state())) {
        if (run.forward.left_out.contains(one)) continue;
        const bool is_asked = said.has_reconciled() || std::find(asked.begin(), asked.end(), one) != asked.end();
        if (run.now_state().abandoned[one.index()] > run.told_as && !is_asked) continue;
        const bool has_inner = has_abandoned_within(run.now(), run.now_state(), one);
        (has_inner ? of.by_hand : of.again).push_back(one);
    }
    return of;
}

// Records whose claims gave way. For people: those, and what else there is to say of the hosts.
std::vector<std::string> notes_of(const Environment& environment, JournalWriter& journal, const Claimed& claimed) {
    std::vector<std::string> notes;
    for (const GaveWay& one : claimed.gave_way) {
        journal.write({.type = Record::Type::taken,
                       .value = one.claim,
                       .text = one.why,
                       .by = environment.me.user,
                       .host = environment.me.host});
        notes.push_back(one.claim + " gives way: " + one.why);
    }
    notes.insert(notes.end(), claimed.notes.begin(), claimed.notes.end());
    return notes;
}

// "`one`, `two`": the steps that are in one of these phases; empty: none is.
std::string steps_in(const state::RunState& run, std::initializer_list<Phase> phases) {
    std::string names;
    for (std::size_t i = 0; i < run.now().size(); ++i)
        if (std::find(phases.begin(), phases.end(), run.now_state().nodes[i].phase) != phases.end())
            names += (names.empty() ? "`" : ", `") + run.now().node(NodeId(i)).id + "`";
    return names;
}

// Why the run cannot stop before that; empty: it can.
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

// A run that is over releases its hosts.
Ended go(const Environment& environment, const Options& options, Observer& observer, Recorder& recorder,
         Claimed claimed, const Beginning& beginning) {
    ports::Claim claim = claim_of(environment, recorder.journal().lease(), recorder.run_id());
    Runner runner(environment, options, observer, recorder, claim, std::move(claimed.places));
    Ended ended = runner.go(beginning);
    claim.is_over = ended.outcome == Outcome::done || ended.outcome == Outcome::rolled_back;
    if (claim.is_over) release_hosts(environment, recorder.plan(), claim, options);
    return ended;
}

// Whoever interrupts a program that is asked for a secret has not met an error.
Ended without_secret(const Environment& environment, const base::Error& error, const std::string& run = {}) {
    const ports::Signals& signals = *environment.signals;
    if (signals.count() == 0) return wrong(error, run);
    return {.outcome = Outcome::interrupted,
            .run = run,
            .message = "interrupted before anything was done",
            .signal = signals.number()};
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
    if (base::Status known = check_secrets(environment, plan); !known) {
        ended = without_secret(environment, known.error(), run);
        return refuse(ended.outcome, run, ended.message, ended.signal);
    }
    of.claimed = claim_hosts(environment, plan, claim_of(environment, of.taken.lease, run), options);
    if (!of.claimed.held.empty()) return refuse(Outcome::held, "", of.claimed.held);
    of.recorder = std::make_unique<Recorder>(environment, plan, of.taken.lease, run, *of.loaded.state);
    of.beginning.as = Event::Type::run_resumed;
    write_resumed(environment, of.recorder->journal(), of.taken.from);
    return of;
}

// With all that was decided: goes on.
Ended go_on(const Environment& environment, const Options& options, Observer& observer, Resumed resumed) {
    Recorder& recorder = *resumed.recorder;
    recorder.look_anew();
    recorder.journal().set_outcome("");
    Beginning& beginning = resumed.beginning;
    beginning.reconcile = to_be_reconciled(recorder.run());
    beginning.notes = notes_of(environment, recorder.journal(), resumed.claimed);
    if (const std::string steps = steps_in(recorder.run(), {Phase::started}); !steps.empty())
        beginning.notes.push_back(steps +
                                  " had begun when the process before this one ended: now it is looked at what "
                                  "became of that");
    return go(environment, options, observer, recorder, std::move(resumed.claimed), beginning);
}

}  // namespace

base::Status check_secrets(const Environment& environment, const program::Plan& plan) {
    RunRedactor redactor;
    return learn_secrets(plan, *environment.secrets, redactor);
}

bool is_over(std::string_view outcome) {
    return outcome == name_of(Outcome::done) || outcome == name_of(Outcome::rolled_back) || outcome == given_up;
}

bool is_over(const ports::RunRow& run) { return is_over(run.outcome); }

std::optional<Ended> held_by_run(const ports::Store& store, const std::string& farm) {
    const base::Result<std::vector<ports::RunRow>> rows = store.runs();
    if (!rows) return wrong(rows.error());
    for (const ports::RunRow& row : *rows) {
        if (row.farm != farm || is_over(row)) continue;
        const base::Result<Standing> standing = standing_of(store, row);
        return standing ? held_by(row, *standing) : wrong(standing.error(), row.id);
    }
    return std::nullopt;
}

base::Result<FarmRuns> runs_of_farm(const ports::Runs& runs, const std::string& farm) {
    const base::Result<std::vector<ports::RunRow>> rows = runs.runs();
    if (!rows) return rows.error();
    FarmRuns all;
    for (const ports::RunRow& row : *rows)
        if (row.farm == farm) all[row.id] = row.records;
    return all;
}

Ended reset_simulated(const Environment& environment, const std::string& farm) {
    if (std::optional<Ended> held = held_by_run(*environment.store, farm)) return *held;
    Ended ended;
    const std::optional<Taken> taken = take(environment, farm, "", ended);
    if (!taken) return ended;
    if (std::optional<Ended> held = held_by_run(*environment.store, farm)) {
        (void)environment.store->release(taken->lease);
        return *held;
    }
    if (base::Status reset = environment.store->reset_simulated(farm); !reset)
        return let_go(environment, taken->lease, Outcome::wrong, "", reset.error().text());
    return let_go(environment, taken->lease, Outcome::done, "", "");
}

namespace {

// What people can do with a compiled plan that has had its run.
std::string after_its_run(const ports::PlanRun& run) {
    const std::string archived = run.archive.empty() ? "" : " and was archived into `" + run.archive + "`";
    if (run.outcome == name_of(Outcome::rolled_back))
        return ", which was rolled back" + archived +
               "; the plan has the same digest whenever it is compiled, so `apply --again` runs it once more";
    if (is_over(run.outcome))
        return ", which is over" + archived + "; a new run wants a plan that was compiled for the farm as it is now";
    return "; `resume` goes on with it";
}

// Of a farm that others had between our observation of it and our lease.
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

std::optional<Ended> earlier_run(const ports::Runs& runs, const program::Plan& plan) {
    const base::Result<std::optional<ports::PlanRun>> last = runs.last_run_of(plan.digest);
    if (!last || !*last) return std::nullopt;  // who starts one is told by then
    return Ended{.outcome = Outcome::stale,
                 .run = (*last)->id,
                 .message = "this compiled plan has had its run, " + (*last)->id + after_its_run(**last)};
}

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
    if (std::optional<Ended> held = held_by_run(*environment.store, plan.farm)) {
        (void)environment.store->release(*lease);
        return *held;
    }
    if (options.observed_after)
        if (std::optional<Ended> changed = changed_since(*environment.store, plan.farm, *options.observed_after)) {
            (void)environment.store->release(*lease);
            return *changed;
        }
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
    const state::RunState& state = *resumed->loaded.state;
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
    if (std::string why = said.take(what.decisions); !why.empty())
        return refuse(said.is_store_at_fault() ? Outcome::wrong : Outcome::usage, std::move(why));
    // Decisions change what remains, and readmitted iterations come after steps that were to wait for them. Either way
    // the requirements are proved again.
    Readmissions abandoned = readmissions_of(state, said);
    const bool is_otherwise = said.changes_what_remains() || !abandoned.again.empty();
    Beginning& beginning = resumed->beginning;
    if (is_otherwise && what.prove_again && !state.is_rolling_back())
        if (base::Status proved = what.prove_again(state, said.may_have_happened()); !proved) {
            if (said.changes_what_remains() || resumed->recorder->ready().is_complete()) {
                Ended refused = refuse(Outcome::refused, proved.error().message);
                refused.causes = proved.error().causes;
                return refused;
            }
            const std::string why =
                proved.error().causes.empty() ? proved.error().message : proved.error().causes.front();
            for (const InstanceId one : std::exchange(abandoned.again, {})) beginning.keep.emplace_back(one, why);
        }
    beginning.readmit = std::move(abandoned.again);
    for (const InstanceId one : abandoned.by_hand)
        beginning.keep.emplace_back(one,
                                    "an iteration within it was abandoned as well, so this has to be finished by hand, "
                                    "or rolled back");
    return go_on(environment, options, observer, std::move(*resumed));
}

Ended rollback(const Environment& environment, const std::string& run, const RollbackOptions& what,
               const Options& options, Observer& observer) {
    // A run that is done can still be rolled back.
    if (std::optional<Ended> over = over_already(environment, run); over && over->outcome != Outcome::done) {
        over->is_asked = true;
        return *over;
    }
    Ended ended;
    std::optional<Resumed> resumed = take_up(environment, run, options, ended);
    if (!resumed) return ended;
    const state::RunState& state = *resumed->loaded.state;
    if (std::string why = fault_of_back_to(state, what.back_to); !why.empty())
        return let_go(environment, resumed->taken.lease, Outcome::usage, run, std::move(why));
    if (!state.is_rolling_back() && !state.forward.rollback_because)
        resumed->recorder->journal().write(
            {.type = Record::Type::stopped,
             .node = what.back_to,
             .value = "rollback",
             .text = what.because.empty() ? environment.me.user + " asked for it" : what.because,
             .by = environment.me.user});
    ended = go_on(environment, options, observer, std::move(*resumed));
    ended.is_asked = ended.outcome == Outcome::rolled_back;  // also where a failure had begun it
    return ended;
}

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
    base::Status written = base::Done{};
    if (base::Result<LoadedRun> loaded = load(*environment.store, run); loaded.ok()) {
        if (const std::string unfinished = steps_in(*loaded->state, {Phase::started, Phase::in_doubt});
            !unfinished.empty())
            words += ", and nobody has seen the end of " + unfinished;
        JournalWriter journal_writer(*environment.store, *environment.clock, *lease, run, *loaded->state);
        if (std::optional<Record> record = taken_record(environment, taken->from))
            journal_writer.write(std::move(*record));
        for (Record& record : refused_for_good(*loaded->state, "the run was given up"))
            journal_writer.write(std::move(record));
        journal_writer.write({.type = Record::Type::halted,
                              .value = std::string(given_up),
                              .text = because.empty() ? "given up" : because,
                              .by = environment.me.user,
                              .host = environment.me.host});
        journal_writer.set_outcome(std::string(given_up));
        written = journal_writer.commit();
    } else {
        // A journal that cannot be read takes no further record, but must not lock the farm for ever.
        words += "; its journal cannot be read, and was left as it is";
        written = environment.store->append(*lease, run, {}, std::string(given_up), environment.clock->now());
    }
    if (!written) return not_written(environment, *lease, run, written.error());
    if (base::Result<LoadedRun> loaded = load(*environment.store, run); loaded.ok()) {
        ports::Claim claim = claim_of(environment, *lease, run);
        claim.is_over = true;
        release_hosts(environment, *loaded->plan, claim, {});
    }
    return let_go(environment, *lease, Outcome::done, run, words);
}

}  // namespace pvsplan::engine
