// What a run does, as data, in the order in which it happens. The report layer turns it into a live view, plain lines
// or JSON; the engine never prints. Texts are redacted. A record is durable before its event is sent.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "runtime/ports/clock.hpp"

namespace pvsplan::engine {

// A value: whoever keeps one may do so for as long as the plan lives, but for `nodes`.
struct Event {
    enum class Type : std::uint8_t {
        run_began,           // text: run id; `nodes` of the program are what the run will go through
        run_resumed,         // text: run id; finished, left
        rollback_began,      // from here on nodes are those of the rollback program; text: why; `nodes` likewise
        step_started,        // node, attempt, object
        step_output,         // node; text: the last line of output
        step_unreachable,    // node; text: why; it is tried again
        step_reachable,      // node; again
        step_checking,       // node: its command succeeded, its object is observed
        step_finished,       // node, attempt, duration_ms, exit_status
        step_failed,         // node, attempt, exit_status; text: why. `retry_in_ms` >= 0: it is tried again
        step_unreached,      // node: its host could not be reached, nothing was done; text: why
        step_in_doubt,       // node; text: what was seen, what a person can say
        step_skipped,        // node; text: why (its `when`, or its iteration was abandoned)
        step_reconciled,     // node: found finished (or to be done again) after a crash, or by a person; text: how
        guard_decided,       // node: the path of the step with the `when`; text: "runs" or "skipped"
        approval_wanted,     // node; text: what to look at
        approval_given,      // node; text: by whom
        person_wanted,       // node: a manual step; text: instructions
        point_of_no_return,  // node: stays as it is; text: why
        observed,            // object; values: attribute -> text
        stopping,            // text: why nothing new starts (a failure, a signal)
        heartbeat,           // every so often while nothing else happens: running, finished, left
        run_ended,           // outcome text; text: the closing sentence
        note,                // text: what people should know of the hosts
        window_closed,       // node: it waits for its window of time, which `text`; `opens_in_ms` >= 0: in so long
        window_opened,       // node: its window is open
    };
    Type type = Type::heartbeat;
    ports::Millis at = 0;
    ports::Millis steady = 0;  // the same moment on the steady clock: durations are told from it
    std::string run;
    std::string node;    // its path
    std::string object;  // "server/pvs01", or empty
    std::string text;
    std::uint32_t attempt = 0;
    std::int64_t exit_status = 0;
    std::int64_t duration_ms = 0;
    std::int64_t retry_in_ms = -1;
    std::int64_t opens_in_ms = -1;
    std::uint32_t tries = 0;      // of the step, `attempt` included, since it was last let run; `max_tries` are made
    std::uint32_t max_tries = 0;  // 0: the event is of no step
    std::uint64_t running = 0;    // in every event: how many nodes run, are over (finished or skipped), are left
    std::uint64_t over = 0;
    std::uint64_t left = 0;
    std::map<std::string, std::string> values;
    std::string simulated;  // run_began, run_resumed, rollback_began: what of the farm is; empty: nothing
    program::Place place;   // of the node in the plan
    std::vector<program::NodeId>
        over_before;                        // run_resumed, rollback_began: of `nodes`, what nothing waits for any more
    const program::Graph* nodes = nullptr;  // run_began, run_resumed, rollback_began; lives until run_ended
};

// "step_started" and so on: stable, for JSON.
std::string_view name_of(Event::Type type);

// Who is told of a run while it goes on. It cannot stop it, and an event is never told twice by one process.
class Observer {
  public:
    virtual ~Observer() = default;
    // Called on the engine's thread, must return soon.
    virtual void on(const Event& event) = 0;
};

class NoObserver final : public Observer {
  public:
    void on(const Event& event) override { (void)event; }
};

}  // namespace pvsplan::engine
