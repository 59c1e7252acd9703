// What the engine asks of the hosts. A transport runs jobs; the engine alone knows steps, retries and the journal.
//
// One thread of the engine calls every function here. A transport answers by posting JobEvents to the Mailbox that it
// was given when it was made, from any thread, or from within turn(). It must be able to hold 10,000 jobs at once
// with a bounded number of threads (one that polls, or a small pool).
//
// Unreachable is not failed: a broken connection is mended by asking for the same key again, for as long as
// `patience_ms` says; meanwhile post `unreachable` / `reachable` so that people can see it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "runtime/ports/clock.hpp"

namespace pvsplan::ports {

// One command on one host.
struct Job {
    enum class Is : std::uint8_t {
        command,      // of a step: must become a job of its own on the host under `key`, apart from the connection
        observation,  // reads state, changes nothing: may run directly on the connection and be repeated at will
    };
    // start: run it, or attach if the host already knows the key. attach: never run it, only say what became of it.
    enum class Ask : std::uint8_t { start, attach };

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
    Is is = Is::command;
    Ask ask = Ask::start;

    // The host: `connect` says how to reach it. Null: this machine. The plan outlives the job.
    const program::Object* host = nullptr;

    program::Body::Is body = program::Body::Is::none;
    std::string text;                    // powershell, sql: the script as written, values never spliced in;
                                         // manual: the instructions
    std::vector<std::string> arguments;  // command: whole arguments, no shell
    // {"Before":{…},"On":{"name":…,"address":…},"With":{…}} as canonical JSON, without any secret. Versions and
    // enumerators are strings, durations milliseconds, objects {"name":…, attributes}.
    std::string data;
    std::map<std::string, program::Value> with;          // the same parameters as values (bound parameters of sql)
    std::map<std::string, std::string> secrets;          // parameters of type secret, by parameter name
    std::map<std::string, std::string> connect_secrets;  // secrets that `connect` names, by secret name

    std::int64_t timeout_ms = 0;   // 0: none. Past it: post `lost` and leave the job as it is
    std::int64_t patience_ms = 0;  // how long an unreachable host is tried before `never_started` or `lost`

    std::vector<Effect> effects;    // simulated only
    program::ExprPtr precondition;  // simulated only: over state alone; null: always
};

// What became of a job, or a sign of life. `ended`, `never_started`, `no_record`, `lost` are final: exactly one of
// them is posted for each job that was not forgotten.
struct JobEvent {
    enum class Is : std::uint8_t {
        output,         // `text`: the last line that it printed (not redacted; the engine does that)
        unreachable,    // `text`: why; trying again
        reachable,      // again
        ended,          // exit_status, out, err
        never_started,  // it certainly did not begin (no connection, login refused, …); `text`: why
        no_record,  // the host does not know the key, and nothing of it runs: whether it ran is for observation to say
        lost,  // it may be running still, or have ended unseen (timeout, patience, lost sql connection); `text`: why
        needs_person,  // a manual step: `text` are its instructions; final for this process
    };
    std::string key;
    Is is = Is::ended;
    std::int64_t exit_status = 0;  // all 64 bits: 3010 is 3010
    std::string out;
    std::string err;
    std::string text;

    [[nodiscard]] bool is_final() const { return is >= Is::ended; }
};

class Transport {
  public:
    virtual ~Transport() = default;

    // Never blocks for long; the outcome is an event. A `command` with Ask::start that the host already knows (running
    // or ended) is attached to, not started again.
    virtual void start_or_attach(Job job) = 0;

    // No more events for this key are wanted; the job on the host goes on undisturbed.
    virtual void forget(const std::string& key) = 0;

    // The end of this job is in the journal: what the host keeps of it may be cleaned up, now or some time later. From
    // then on the host need not know the key. (Jobs that nobody settles are cleaned up after two weeks.)
    virtual void settled(const std::string& key) { (void)key; }

    // Called once in every turn of the engine's loop, after the jobs of that turn were given: the place for work of
    // transports without threads. Returns when it wants to be called again at the latest.
    virtual std::optional<Millis> turn(Millis now) {
        (void)now;
        return std::nullopt;
    }
};

}  // namespace pvsplan::ports
