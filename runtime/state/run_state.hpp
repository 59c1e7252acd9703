// Where a run stands: plain values, changed by nothing but the fold of its records (journal/replay.hpp).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/program/codec_values.hpp"
#include "compiler/program/plan.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/state/execution_graph.hpp"
#include "runtime/state/phase.hpp"

namespace pvsplan::state {

using States = std::map<std::string, program::Value>;  // attribute -> value
using ObjectStates = std::map<program::ObjectId, States>;

struct NodeState {
    Phase phase = Phase::waiting;
    bool began = false;            // a command of it was issued and may have changed something
    std::uint32_t began_with = 0;  // the first attempt that may have
    std::uint32_t attempt = 0;     // number of the last one
    std::uint32_t tries = 0;       // since a person or a recovery last let it run: retries count from here
    ports::Millis started_at = 0;
    ports::Millis ended_at = 0;
    std::uint64_t started_as = 0;  // number of the record that first started it, and of the one that last ended it;
    std::uint64_t ended_as = 0;    // 0: none
    std::uint64_t done_after = 0;  // number of a record after which it was done: what did it is known to be later
    std::uint64_t left_as = 0;     // number of the record that first ended it: successors may have started after it
    std::int64_t exit_status = 0;
    bool asks_first = false;      // it failed but may have been done, so it does not run again before a person says so
    ObjectStates before;          // of `on` and of what it sets, when it was first started
    ObjectStates before_attempt;  // and when it was last started
    std::map<std::string, program::Value> outputs;
    std::string text;   // why it failed, what was seen, who approved
    std::string place;  // where its host kept the job of the last attempt; empty: unknown
};

// What became of a `when`. Once it holds or fails it stays so: the record that says it is never taken back.
enum class Decision : std::uint8_t { open, holds, fails };

// Who said that the run goes on without an iteration, and why.
struct LeftOut {
    std::string by;
    std::string because;
};

// What records have made of one program; by node, guard and iteration of its execution graph.
struct ExecutionState {
    std::vector<NodeState> nodes;
    std::vector<Decision> guards;
    // Recorded decisions. They stay even after the state on which they were based has changed.
    std::vector<std::uint64_t> abandoned;              // by iteration: number of the record that says so; 0: it is not
    std::vector<char> readmitted;                      // by iteration: it was abandoned once, and is tried again
    std::map<program::InstanceId, LeftOut> left_out;   // abandoned by a person, and tried again when one says so
    std::optional<std::string> rollback_because = {};  // it is to be rolled back, as soon as nothing runs any more
    std::vector<char> held = {};  // by node: the run stops before it, so it neither starts nor is over; empty: none is
};

struct RollbackProgram;

// An approval that a person gave before the run had come there.
struct Approval {
    std::string by;
    std::string account = {};
    std::string host;
    std::string because;
    std::string said;
    std::vector<std::string> names =
        {};  // of those that may approve: what they are called, or a group that they are in
};

// A person to whom a run belongs: it was begun by them, or taken from the process that had it.
struct Starter {
    std::string user;
    std::string account;
    bool has_taken = false;
};

// A notification that is not known to have reached all who are to be told.
struct Notice {
    std::string when;                                  // "waiting", …
    std::string text;                                  // what of
    std::string content;                               // as JSON
    std::set<std::size_t> open;                        // entries of Plan::notify that it was not sent to yet
    std::map<std::size_t, std::string> given_up = {};  // and those that it cannot be sent to: why
};

// It points to its plan, which outlives it. What points into its programs is made anew once it was moved.
struct RunState {
    explicit RunState(const program::Plan& plan);
    ~RunState();
    RunState(RunState&&) noexcept;
    RunState& operator=(RunState&&) noexcept;

    const program::Plan* plan;
    std::uint64_t records = 0;
    std::string last_hash;  // empty before the first record
    ports::Millis last_at = 0;
    std::string started_by;         // user
    std::vector<Starter> starters;  // who began it first
    std::string halted;  // outcome text of the last halt; empty: it is (or was, when its process died) under way
    std::string halted_because;    // what was said then
    std::uint64_t told_as = 0;     // number of the record by which it last halted by itself: people know what failed
    std::uint64_t went_on_as = 0;  // number of the record by which the last process began to go on with it
    std::set<program::WindowId> closed;  // windows of time that steps wait for, as was recorded
    std::string until;                   // the node, or group, before which it stops; empty: it goes on to its end
    std::vector<States> farm;            // by object: what is known of its state now
    program::ObjectsById objects;
    ExecutionGraph execution;  // forward
    ExecutionState forward;
    std::unique_ptr<RollbackProgram> back;  // once the rollback has begun
    std::string rollback_because;
    bool is_rollback_asked = false;  // it rolls back because a person wants it, not because of a failure
    std::string back_to;             // it goes back to before this step or group only; empty: to its beginning
    std::uint64_t back_to_as = 0;    // the number of the record by which that began
    std::map<std::string, Approval> approvals;  // by path: received, not used yet
    std::set<std::string> received;             // messages of people that are in the journal
    std::map<std::uint64_t, Notice> notices;    // by number of the record: what was not sent to all
    std::set<std::string> told;                 // what somebody is to be told, or was

    [[nodiscard]] bool is_rolling_back() const { return back != nullptr; }
    // The program that goes on now.
    [[nodiscard]] const ExecutionGraph& now() const;
    [[nodiscard]] const ExecutionState& now_state() const;
    [[nodiscard]] ExecutionState& now_state();
};

inline bool is_held(const ExecutionState& state, program::NodeId node) {
    return !state.held.empty() && state.held[node.index()] != 0;
}

// `holds` if the guard and all guards around it hold, `fails` if one of them fails, else `open`.
Decision decision_of(const ExecutionGraph& execution, const ExecutionState& state, program::GuardId guard);

// The outermost abandoned iteration that `iteration` is or lies in; none if there is none.
program::InstanceId abandoned_around(const ExecutionGraph& execution, const ExecutionState& state,
                                     program::InstanceId iteration);

// The innermost iteration that a person left out and that `iteration` is or lies in; none if there is none.
program::InstanceId left_out_around(const ExecutionGraph& execution, const ExecutionState& state,
                                    program::InstanceId iteration);

}  // namespace pvsplan::state
