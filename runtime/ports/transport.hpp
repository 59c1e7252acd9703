// What the engine asks of the hosts. A transport runs jobs; the engine alone knows steps, retries and the journal.
//
// One thread of the engine calls every function here. A transport answers by posting each JobEvent to the Mailbox that
// it was given when it was made, from any thread, or from within turn(). It must be able to hold 10,000 jobs at once
// with a bounded number of threads (one that polls, or a small pool).
//
// Unreachable is not failed: a broken connection is restored by asking for the same key again, for as long as
// `patience_ms` says; meanwhile post `unreachable` / `reachable` so that people can see it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/program/plan.hpp"
#include "runtime/ports/clock.hpp"

namespace pvsplan::ports {

// The run that has locked a farm, as each of its hosts records it. A host keeps one claim for each farm.
struct Claim {
    std::string farm;
    std::string run;          // [a-z0-9-]
    std::uint64_t token = 0;  // of the store: the same run with a larger one takes the claim over
    std::string owner;        // for whoever finds it: one line of ASCII
    // The claim as it was found, whole, of a run that is known to be over: it gives way. Empty: none does.
    std::string instead_of;
    // With `release`: nothing goes on with the run, so a host may forget also which of its jobs had begun there.
    bool is_over = false;
};

// One command on one host.
struct Job {
    enum class Type : std::uint8_t {
        command,      // of a step: must become a job of its own on the host under `key`, apart from the connection
        observation,  // reads state, changes nothing: may run directly on the connection and be repeated at will
        claim,        // no command: the host is claimed for `claim`
        release,      // no command: the claim is taken back
    };
    // start: run it, or attach if the host already knows the key. The others never run it: attach says what becomes of
    // it, look whether it runs, kill ends it and all that it started.
    enum class Ask : std::uint8_t { start, attach, look, kill };
    // What becomes of a job that has not ended within its timeout.
    enum class AtTimeout : std::uint8_t { leave, kill };

    // A state that the step sets, for transports that model the effect of a command (simulated).
    struct Effect {
        program::ObjectId object;
        std::string attribute;
        program::Value value;
    };

    std::string key;  // unique for run, step and attempt; [a-z0-9-]{1,80}, so it may be a file or task name
    std::string run;
    std::string step;  // its path, for people: "rest[pvs02].stop"
    std::uint32_t attempt = 1;
    Type type = Type::command;
    Ask ask = Ask::start;

    // The host: `connect` says how to reach it. Null: this machine. The plan outlives the job.
    const program::Object* host = nullptr;

    program::Body::Type body = program::Body::Type::none;
    std::string text;                    // powershell, sql: the script as written, values never spliced in;
                                         // manual: the instructions
    std::vector<std::string> arguments;  // command: whole arguments, no shell
    // {"Before":{…},"On":{"name":…,"address":…},"With":{…}} as canonical JSON, without any secret. Versions and
    // enumerators are strings, durations milliseconds, objects {"name":…, attributes}.
    std::string data;
    std::map<std::string, program::Value> with;          // the same parameters as values (bound parameters of sql)
    std::string action;                                  // command: its key in Plan::actions; else empty
    std::map<std::string, std::string> secret_names;     // parameters of type secret: which secret each is
    std::map<std::string, std::string> secrets;          // parameters of type secret, by parameter name
    std::map<std::string, std::string> connect_secrets;  // secrets that `connect` names, by secret name

    std::int64_t timeout_ms = 0;  // 0: none. Past it: post `lost` and leave the job as it is, or kill it
    AtTimeout at_timeout = AtTimeout::leave;
    std::int64_t patience_ms = 0;  // how long an unreachable host is tried before `never_started` or `lost`

    std::string place;           // attach, look, kill: where it was begun, as `claimed` said then; empty: unknown
    std::optional<Claim> claim;  // of the run: whoever starts a command makes sure of it first

    std::vector<Effect> effects;    // simulated only
    program::ExprPtr precondition;  // simulated only: over state alone; null: always
};

// Behind the number of bytes in the line that stands where a host did not keep all of an output:
// "[1234 bytes of this output were dropped here]".
inline constexpr std::string_view dropped_mark = " bytes of this output were dropped here]";

// What became of a job, or a sign of life. From `ended` on all are final: exactly one of them is posted for each job
// that was not forgotten.
struct JobEvent {
    enum class Type : std::uint8_t {
        output,         // `text`: the last line that it printed (not redacted; the engine does that)
        unreachable,    // `text`: why; trying again
        reachable,      // again
        hindered,       // the host cannot say now whether its command is over, or how it ended: it tries again;
                        // `text`: why
        ended,          // exit_status, out, err
        never_started,  // it certainly did not begin (no connection, login refused, …); `text`: why
        no_record,  // the host does not know the key, and nothing of it runs: whether it ran is for observation to say
        lost,  // it may be running still, or have ended unseen (timeout, patience, lost sql connection); `text`: why
        needs_person,  // a manual step: `text` are its instructions; final for this process
        elsewhere,  // where it is looked for is not where it was begun, so nothing is known of it; `text`: the border
        running,    // (look) it runs
        killed,     // (kill, or past a timeout that says so) nothing of it runs any more, and it left no status
        claimed,    // (claim) `text`: the place where this host keeps its jobs; `err`: why it can keep no claim
        held,       // somebody else's claim is there: nothing was begun. `text`: that claim; `err`: its file
    };
    std::string key;
    Type type = Type::ended;
    std::int64_t exit_status = 0;  // all 64 bits: 3010 is 3010
    std::string out;
    std::string err;
    std::string text;
    std::uint64_t dropped = 0;  // ended: bytes of `out` and `err` that the host did not keep; a line in them says so

    [[nodiscard]] bool is_final() const { return type >= Type::ended; }
};

class Transport {
  public:
    virtual ~Transport() = default;

    // Never blocks for long; the outcome is an event. A `command` with Ask::start that the host already knows (running
    // or ended) is attached to, not started again.
    virtual void start_or_attach(Job job) = 0;

    // Whether jobs wait in the store of the run, and so can go into the commit of the records that say they began. Then
    // start_with_records() is called before that commit, in place of start_or_attach() after it.
    [[nodiscard]] virtual bool goes_with_records() const { return false; }
    // The job is visible with the next records of the run, or never.
    virtual void start_with_records(Job job) { start_or_attach(std::move(job)); }

    // No more events for this key are wanted; the job on the host goes on undisturbed.
    virtual void forget(const std::string& key) = 0;

    // The end of this job is in the journal: what the host keeps of it may be cleaned up, now or some time later. From
    // then on the host need not know the key. (Other jobs are cleaned up a day after their run was over, or after two
    // weeks.)
    virtual void recorded(const std::string& key) { (void)key; }

    // Called once in every turn of the engine's loop, after the jobs of that turn were given: the place for work of
    // transports without threads. Returns when it wants to be called again at the latest. Both on the steady clock.
    virtual std::optional<Millis> turn(Millis now) {
        (void)now;
        return std::nullopt;
    }
};

}  // namespace pvsplan::ports
