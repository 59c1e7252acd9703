// The loop of a run: what may start is started, what has happened is recorded, and only what is recorded goes on.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/engine/hosts.hpp"
#include "runtime/engine/job.hpp"
#include "runtime/engine/journal_writer.hpp"
#include "runtime/engine/messages.hpp"
#include "runtime/engine/ready.hpp"
#include "runtime/engine/run.hpp"
#include "runtime/engine/writers.hpp"
#include "runtime/state/env.hpp"

namespace pvsplan::engine {

// A node that is under way in this process.
struct Active {
    enum class Stage : std::uint8_t {
        command,   // its job runs
        checking,  // its objects are observed
        polling,   // a `wait` looks again later
        person,    // a person does it
    };
    Stage stage = Stage::command;
    program::NodeId node;
    std::uint32_t attempt = 0;
    Prepared prepared;
    std::string key;
    std::string host;  // "server/pvs01"
    ports::Transport* transport = nullptr;
    bool is_reconciling = false;        // began in an earlier process: only what became of it is asked
    bool was_killed = false;            // past its timeout, as its step says
    std::optional<journal::JobIs> job;  // what the host says of a job whose end it does not know
    std::optional<state::CommandResult> result;
    std::string err;
    std::string why;
    ports::Millis began_at = 0;                        // on the steady clock, as all that is waited for
    ports::Millis look_at = 0;                         // polling
    std::uint64_t looked_as = 0;                       // number of the last record when its objects were asked
    std::map<std::string, program::ObjectId> looking;  // observations that are awaited, by key
    state::ObjectStates seen;
    std::string unseen;  // why an object could not be observed
    std::string by;      // the person who said that it is done
    std::string because;
};

class Runner {
  public:
    Runner(const Environment& environment, const program::Plan& plan, const Options& options, Observer& observer,
           ports::Lease lease, std::string run_id, state::RunState& run);

    // Runs until the run halts. The caller has written the first records.
    Ended go();
    // Before go(): finds out what became of a step that an earlier process began and did not finish.
    void reconcile(program::NodeId node);
    // Before go(): after records that removed the reason why the run halted.
    void look_anew() { ready_ = std::make_unique<Ready>(run_->now(), run_->now_state()); }
    // The outermost abandoned iterations with a step that has not finished, in the order of the plan.
    [[nodiscard]] std::vector<program::InstanceId> abandoned_iterations() const;
    // Before go(): tries these again once all else is over, one after the other. Not sooner: other iterations have
    // gone on, and taken their place under `at_most`.
    void readmit_at_the_end(std::vector<program::InstanceId> iterations) {
        readmit_.assign(iterations.begin(), iterations.end());
    }
    [[nodiscard]] bool has_nothing_else() const { return ready_->is_complete(); }
    // Tells people that this iteration is not tried again this time; the others go on.
    void keep_abandoned(program::InstanceId iteration, const std::string& why);
    // Decides that the run is rolled back. The rollback begins once nothing runs any more.
    void decide_rollback(const std::string& because);
    [[nodiscard]] JournalWriter& journal_writer() { return journal_writer_; }
    void tell(Event event);
    // A record about a node, with what follows from it.
    void write(journal::Record record, program::NodeId node);
    // What became of the job of a step that an earlier process began, without waiting for its end.
    ports::JobEvent ask_about(program::NodeId node, ports::Job::Ask ask);
    // Before go(): whose the hosts are, and where they keep their jobs.
    void claim(ports::Claim claim, Places places) {
        claim_ = std::move(claim);
        places_ = std::move(places);
    }
    // Takes out of `seen`, which was asked for after record `since`, what a step that was under way meanwhile may have
    // changed after it was read. Not of what `node` or those of `said_too` set, of which it is told.
    void forget_what_may_change(program::NodeId node, std::uint64_t since, const std::vector<program::NodeId>& said_too,
                                state::ObjectStates& seen);
    // Told once the first records are durable.
    void announce(Event::Type is, const std::string& text);

    [[nodiscard]] state::RunState& run() { return *run_; }

  private:
    // starting.cpp: what begins
    void decide_guards();
    [[nodiscard]] program::NodeId stopped_by(program::GuardId guard) const;
    void begin_what_is_due();
    void begin(program::NodeId node);
    void refuse(program::NodeId node, const std::string& why);
    void ask_for_approvals();
    void receive_decisions();
    void receive_messages();
    void receive_answer(const Person::Answer& said);
    void receive(journal::Record answer);
    void refuse_what_is_left(const std::string& because);
    base::Status flush();
    void send(Active& active);
    [[nodiscard]] std::string place_of(const program::Node& node, const Prepared& prepared) const;

    // ending.cpp: what ends
    void handle(const ports::JobEvent& event);
    void handle_command(Active& active, const ports::JobEvent& event);
    void handle_observation(Active& active, const ports::JobEvent& event);
    void observe(Active& active);
    void conclude(program::NodeId node);
    void conclude_result(Active& active);
    void conclude_poll(Active& active);
    void conclude_unknown(Active& active);
    void conclude_never_begun(Active& active, bool rolls_back);
    void conclude_reconciling(Active& active, const std::vector<Set>& sets);
    void reconciled_as(Active& active, const char* value, const std::string& text);
    void finish(Active& active);
    [[nodiscard]] base::Result<std::map<std::string, std::string>> outputs_of(const Active& active) const;
    [[nodiscard]] std::string missing_output(const program::Expr& expr, const state::RunEnv& env) const;
    [[nodiscard]] std::string misfit_of_readers(program::NodeId id, const std::string& name,
                                                const program::Value& value) const;
    void fail(Active& active, const std::string& why);
    [[nodiscard]] bool may_run_again(const Active& active) const;
    [[nodiscard]] std::string unknown_outputs(program::NodeId node) const;
    [[nodiscard]] journal::StateTexts known_states(const Active& active);
    void doubt(Active& active, const std::string& why);
    void drop(program::NodeId node);

    // runner.cpp
    [[nodiscard]] std::optional<ports::Millis> deadline();
    void clear_what_changed_nothing();
    [[nodiscard]] bool is_idle() const;
    [[nodiscard]] bool is_reconciling() const;
    [[nodiscard]] bool is_set_since(program::NodeId id) const;
    [[nodiscard]] bool has_more_to_begin() const;
    [[nodiscard]] bool has_lost_the_farm();
    std::optional<Ended> halted_at();
    void decide_what_follows(program::NodeId failed);
    void begin_rollback();
    void let_persons_go();
    void readmit(program::InstanceId iteration);
    Ended end_without(const std::vector<program::InstanceId>& left);
    Ended halt(Outcome outcome, const std::string& text, std::vector<Wanted> wanted);
    Ended give_up(const base::Error& error);
    Ended yield();
    [[nodiscard]] std::vector<Wanted> wanted() const;
    [[nodiscard]] Event event_for(Event::Type is, program::NodeId node) const;
    [[nodiscard]] const program::Node& node_of(program::NodeId id) const { return run_->now().node(id); }

    const Environment* environment_;
    const program::Plan* plan_;
    Options options_;
    Observer* observer_;
    state::RunState* run_;
    JournalWriter journal_writer_;
    RunRedactor redactor_;
    std::optional<ports::Claim> claim_;
    Places places_;
    std::unique_ptr<Ready> ready_;
    std::unique_ptr<Writers> writers_;  // of the program that goes on now; made when it is asked for
    std::map<program::NodeId, Active> active_;
    std::map<std::string, program::NodeId> by_key_;  // commands and observations
    std::vector<program::NodeId> to_send_;
    std::vector<std::pair<ports::Transport*, std::string>>
        reconciled_;                                       // their end is in the journal with the next commit
    std::map<program::NodeId, ports::Millis> not_before_;  // retries
    std::set<program::NodeId> asked_;                      // approvals that were told
    bool told_to_stop_ = false;
    std::deque<program::InstanceId> readmit_;  // once all else is over
    std::uint64_t observations_ = 0;
    ports::Millis told_at_ = 0;
    ports::Millis received_at_ = 0;
    ports::Millis looked_at_ = 0;
};

}  // namespace pvsplan::engine
