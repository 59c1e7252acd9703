// Checks every requirement of the plan against what really happened.
#pragma once

#include <memory>
#include <vector>

#include "runtime/verify/states.hpp"
#include "runtime/verify/verify.hpp"

namespace pvsplan::verify {

// When a step of the forward program first began and last ended, as numbers of records; 0: it did not. The attempt that
// did it came after `done_after`, as far as that is known.
struct Occurrence {
    std::uint64_t began = 0;
    std::uint64_t done_after = 0;
    std::uint64_t finished = 0;
    bool is_skipped = false;
};

// A requirement over states, evaluated record by record.
class Watch {
  public:
    virtual ~Watch() = default;
    // A step of the forward program is under way from here on, or no longer.
    virtual void begins(program::NodeId node) = 0;
    virtual void ends(program::NodeId node) = 0;
    // What the states of the object may be has changed.
    virtual void changed(program::ObjectId object, const States& states) = 0;
    // After each record: whether it is kept still.
    virtual void look(std::uint64_t record) = 0;
    // The run is done: what is asked of its end.
    virtual void end(const States& states) = 0;
    // From here on a `recover` runs: nothing was proved of it.
    void recovers() { is_recovering_ = true; }
    [[nodiscard]] const RequirementOutcome& outcome() const { return outcome_; }

  protected:
    // The first break counts: later ones follow from it, or say the same again.
    void breaks(std::uint64_t record, std::string text) {
        if (is_recovering_) {
            if (outcome_.recover_record != 0) return;
            outcome_.recover_record = record;
            outcome_.recover_text = std::move(text);
            return;
        }
        if (outcome_.compliance == RequirementOutcome::Compliance::broken) return;
        outcome_.compliance = RequirementOutcome::Compliance::broken;
        outcome_.record = record;
        outcome_.text = std::move(text);
    }
    // Weaker than a break, stronger than being kept: a requirement is called kept only where every record showed it.
    void cannot_be_told(std::string text) {
        if (is_recovering_ && outcome_.recover_text.empty()) outcome_.recover_text = text;
        if (is_recovering_) return;
        if (outcome_.compliance != RequirementOutcome::Compliance::kept) return;
        outcome_.compliance = RequirementOutcome::Compliance::not_told;
        outcome_.text = std::move(text);
    }
    RequirementOutcome outcome_;

  private:
    bool is_recovering_ = false;
};
std::unique_ptr<Watch> watch_of(const program::Plan& plan, const program::Demand& demand, const States& states);

// Evaluates counts and orders at the end, from the occurrences of all steps. `is_done`: the run has completed.
RequirementOutcome look_back(const program::Plan& plan, const program::Demand& demand,
                             const std::vector<Occurrence>& happened, bool is_done);

// All requirements of a plan over one pass of its journal. Of one thread.
class Requirements {
  public:
    explicit Requirements(const state::RunState& run);
    // Around each record: before it is applied to `run`, and after that.
    void before(const journal::Record& record);
    void after(const journal::Record& record);
    // After the last record, once: in the order of the plan's requirements.
    [[nodiscard]] std::vector<RequirementOutcome> outcomes();
    // A rollback by `recover` is a program of its own, of which nothing was proved: what it does is told apart.
    [[nodiscard]] bool is_recovering() const { return is_recovering_; }

  private:
    // Keeps `happened_` and what is under way.
    void note(const journal::Record& record);
    // Has every watch evaluate the states as they are now.
    void look();

    const state::RunState* run_;
    States states_;
    std::vector<std::unique_ptr<Watch>> watches_;  // by requirement; null: look_back() evaluates it at the end
    std::vector<Occurrence> happened_;             // by node of the plan
    std::vector<char> is_under_way_;
    std::string said_;           // name of the call whose records come now: they are one moment
    std::uint64_t look_at_ = 0;  // number of the record to evaluate after; 0: none
    bool is_recovering_ = false;
};

}  // namespace pvsplan::verify
