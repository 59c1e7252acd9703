// The attempts that are under way in this process: their commands, the observations after them, and every key by which
// a transport speaks of either. What an end means is judged by judgement.hpp and recorded at once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/engine/hosts.hpp"
#include "runtime/engine/job.hpp"
#include "runtime/engine/recorder.hpp"
#include "runtime/journal/recovery.hpp"
#include "runtime/state/env.hpp"

namespace pvsplan::engine {

// One try of a step. Lives from its `started` record to the record of its end; of this process alone.
struct Attempt {
    enum class Stage : std::uint8_t {
        command,   // its job runs
        checking,  // its objects are observed
        polling,   // a `wait` looks again later
        person,    // a person does it
    };
    Stage stage = Stage::command;
    program::NodeId node;
    std::uint32_t number = 0;
    Prepared prepared;
    std::string key;
    ports::Transport* transport = nullptr;
    bool is_reconciling = false;           // began in an earlier process: only what became of it is asked
    bool was_killed = false;               // past its timeout, as its step says
    std::optional<journal::JobState> job;  // what the host says of a job whose end it does not know
    std::optional<state::CommandResult> result;
    std::string err;
    std::string host_says;
    ports::Millis began_at = 0;                        // on the steady clock, as all that is waited for
    ports::Millis look_at = 0;                         // polling
    std::uint64_t looked_as = 0;                       // number of the last record when its objects were asked
    std::map<std::string, program::ObjectId> looking;  // observations that are awaited, by key
    state::ObjectStates seen;
    std::string unseen;  // why an object could not be observed
    std::string by;      // the person who said that it is done
    std::string because;
};

// Over twenty methods: what moves an attempt is in one place, so that no key of it is known anywhere else.
class Attempts {
  public:
    // All outlive it.
    Attempts(Recorder& recorder, const Options& options, std::optional<ports::Claim> claim, Places places);

    // Records the attempt. Its command is issued by send(), once that is durable.
    void begin(program::NodeId node);
    // Asks the host what became of a step that an earlier process began.
    void reconcile(program::NodeId node);
    // After a commit: issues the commands of what began, and lets hosts forget the jobs whose end is in the journal.
    void send();
    // The same before their records are durable, of those that become visible with them.
    void send_with_records();
    // Whether send() would issue one.
    [[nodiscard]] bool has_commands() const { return !to_send_.empty(); }
    // What a transport says; of what is not under way, nothing follows.
    void handle(const ports::JobEvent& event);
    // Looks again at what a `wait` waits for, where it is time.
    void poll();
    // A person says that a manual step is done; false: no person is awaited there.
    bool finish_by_hand(program::NodeId node, const std::string& because);
    // Nobody is waited for any more: what a person was to do may have begun.
    void stop_waiting_for_persons();
    // This process goes on with nothing: what runs on hosts runs on there.
    void forget();

    [[nodiscard]] const std::map<program::NodeId, Attempt>& under_way() const { return under_way_; }
    // Nothing is waited for but a person.
    [[nodiscard]] bool is_idle() const;
    // Of some step it is still asked what became of it.
    [[nodiscard]] bool is_reconciling() const;
    // No retry of it waits for its time.
    [[nodiscard]] bool may_begin(program::NodeId node, ports::Millis now) const;
    // No host is waited for, only time and people.
    [[nodiscard]] bool only_time_passes() const;
    // When a retry or a `wait` is due next.
    [[nodiscard]] std::optional<ports::Millis> due(ports::Millis now) const;
    // The program that goes on is another one: no failed step of it waits.
    void forget_retries() { not_before_.clear(); }

  private:
    // When a command leaves this process: in the commit of the records that say it began, or after that.
    enum class Going : std::uint8_t { with_records, after_them };
    void send(Attempt& attempt, Going going);
    [[nodiscard]] bool goes_with_records(const Attempt& attempt) const;
    void handle_command(Attempt& attempt, const ports::JobEvent& event);
    void handle_observation(Attempt& attempt, const ports::JobEvent& event);
    void observe(Attempt& attempt);
    void conclude(Attempt& attempt);
    void conclude_poll(Attempt& attempt);
    // Judges what has ended, and records it.
    void end(Attempt& attempt, const std::string& failure);
    void remove(program::NodeId node);

    Recorder* recorder_;
    const Options* options_;
    std::optional<ports::Claim> claim_;
    Places places_;
    std::map<program::NodeId, Attempt> under_way_;
    std::map<std::string, program::NodeId> by_key_;  // commands and observations
    std::vector<program::NodeId> to_send_;
    std::vector<std::pair<ports::Transport*, std::string>> ended_;  // their end is in the journal with the next commit
    std::map<program::NodeId, ports::Millis> not_before_;           // retries
    std::uint64_t observations_ = 0;
};

// What became of the job of a step that an earlier process began, asked without waiting for its end.
ports::JobEvent ask_about(Recorder& recorder, const Options& options, program::NodeId node, ports::Job::Ask ask);

}  // namespace pvsplan::engine
