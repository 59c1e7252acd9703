// The decisions of a person about steps, made in one call of `resume`. They are atomic: all are read before any is
// checked or proved, and if one is refused, all are.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/engine/recorder.hpp"
#include "runtime/engine/values.hpp"

namespace pvsplan::engine {

class OperatorDecisions {
  public:
    // Not asked: what only a host could refuse is taken as a person says it, and what was last seen is what is there.
    enum class Hosts : std::uint8_t { are_asked, are_not_asked };

    OperatorDecisions(const Environment& environment, const Options& options, Recorder& recorder,
                      Hosts hosts = Hosts::are_asked)
        : environment_(environment), options_(options), recorder_(recorder), plan_(recorder.plan()), hosts_(hosts) {}

    // Why they are refused; empty: they are in force, and durable with the next commit. Jobs to be killed were killed
    // by then, and that is durable: a later refusal does not take it back.
    [[nodiscard]] std::string take(const std::vector<OperatorDecision>& decisions);

    // A step was reconciled.
    [[nodiscard]] bool has_reconciled() const { return !reconciled_.empty(); }
    [[nodiscard]] bool has_killed() const { return has_killed_; }
    // They were refused because nothing could be recorded.
    [[nodiscard]] bool is_store_at_fault() const { return is_store_at_fault_; }
    // What remains differs from what was proved, or when it is done.
    [[nodiscard]] bool changes_what_remains() const {
        return has_reconciled() || !left_out_.empty() || !tried_again_.empty();
    }
    // Iterations that were left out, and are tried again.
    [[nodiscard]] const std::vector<program::InstanceId>& tried_again() const { return tried_again_; }
    // Steps that run again although nobody can see that they did nothing.
    [[nodiscard]] const std::vector<program::NodeId>& may_have_happened() const { return may_have_happened_; }

  private:
    struct Reconciled {
        OperatorDecision decision;
        program::NodeId node;
        std::map<std::string, std::string> outputs = {};  // encoded
    };

    [[nodiscard]] std::string understand(const std::vector<OperatorDecision>& decisions);
    [[nodiscard]] std::string understand(const OperatorDecision& decision, program::InstanceId iteration);
    void try_again(program::InstanceId iteration, const OperatorDecision& decision);
    [[nodiscard]] std::string leave_out();
    [[nodiscard]] std::string contradiction(program::NodeId node, const OperatorDecision& decision) const;
    [[nodiscard]] std::string read_outputs(Reconciled& said) const;
    [[nodiscard]] std::string kill(program::NodeId node, const OperatorDecision& decision);
    [[nodiscard]] std::string ask_hosts();
    void look();
    void recall();
    [[nodiscard]] std::string why_not_done(const Reconciled& said) const;
    [[nodiscard]] bool is_said_to_be_set(const program::Setting& set) const;
    void reconcile(const Reconciled& said);

    const Environment& environment_;
    const Options& options_;
    Recorder& recorder_;
    const program::Plan& plan_;
    Hosts hosts_;
    std::vector<std::pair<OperatorDecision, program::NodeId>> killed_;
    std::vector<std::pair<OperatorDecision, program::InstanceId>> left_out_;
    std::vector<std::pair<OperatorDecision, program::InstanceId>> wanted_again_;
    std::vector<program::InstanceId> tried_again_;  // of an iteration that was wanted: the innermost first
    std::vector<Reconciled> reconciled_;            // in the order in which they count
    state::ObjectStates seen_;                      // of all objects that the reconciled steps set
    std::map<program::ObjectId, std::string> unseen_;
    std::vector<program::NodeId> may_have_happened_;
    std::string call_;  // names the call: verification judges its records as one moment
    bool has_killed_ = false;
    bool is_store_at_fault_ = false;
};

}  // namespace pvsplan::engine
