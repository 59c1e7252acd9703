// Abstract execution of a rollback program: the state that it leaves, for the state that it starts from.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/graph/facts.hpp"
#include "compiler/graph/rollback_source.hpp"

namespace pvsplan::checks {

// The value of a state variable that has one of several; which one is not known.
inline program::Value one_of_several(graph::StateVariable variable) {
    return program::Value::unknown(program::Value::Unknown::Type::several, variable);
}
// One that a failed step may have left at any value.
inline program::Value any_value(graph::StateVariable variable) {
    return program::Value::unknown(program::Value::Unknown::Type::any, variable);
}

// A state as its changes over a known ground, so that a copy costs as much as has changed.
class AbstractState {
  public:
    explicit AbstractState(const std::vector<program::Value>& ground) : ground_(&ground) {}
    // The ground does not know the value of these state variables.
    void doubt(std::function<bool(graph::StateVariable)> is_doubtful) { is_doubtful_ = std::move(is_doubtful); }
    // From now on every state variable that is read is added to `reads`, which must outlive this.
    void record_reads(std::set<graph::StateVariable>& reads) { reads_ = &reads; }
    [[nodiscard]] const program::Value& at(graph::StateVariable variable) const {
        if (reads_) reads_->insert(variable);
        if (const auto found = changed_.find(variable); found != changed_.end()) return found->second;
        if (!is_doubtful_ || !is_doubtful_(variable)) return (*ground_)[variable];
        return doubted_.try_emplace(variable, one_of_several(variable)).first->second;
    }
    void set(graph::StateVariable variable, program::Value value) { changed_[variable] = std::move(value); }
    // Every state variable that was set, also one that was set to the value that it had.
    [[nodiscard]] std::set<graph::StateVariable> changed() const {
        std::set<graph::StateVariable> variables;
        for (const auto& [variable, value] : changed_) variables.insert(variable);
        return variables;
    }

  private:
    const std::vector<program::Value>* ground_;
    std::set<graph::StateVariable>* reads_ = nullptr;
    std::unordered_map<graph::StateVariable, program::Value> changed_;
    std::function<bool(graph::StateVariable)> is_doubtful_;
    mutable std::unordered_map<graph::StateVariable, program::Value> doubted_;
};

// What reads an output finds when the step that puts it out has come so far.
enum class Output : std::uint8_t {
    there,    // its value is not known before the run
    none,     // it was skipped; a comparison with it holds or not, and nothing else can go on with it
    missing,  // it has not finished, and never will
    unsure,   // one of these
};

// What has become of the steps of a plan when a rollback begins, by path; nothing where that is not known.
struct StepEnds {
    using Of = std::function<std::optional<bool>(const std::string& path)>;
    Of done;
    Of started;
    Of failed;
    std::function<Output(const std::string& path)> output;
};

// What a rollback program may ask of what it undoes. All must outlive the run.
struct Undone {
    const AbstractState& before;        // when it started
    program::ObjectId on;               // of the step, if it is one
    std::vector<program::Value> frame;  // of that step
    const StepEnds* ends = nullptr;     // may be null where nothing asks for it
};

// What stopped an abstract run.
struct Obstacle {
    std::uint32_t node = 0;                     // of the program
    program::ObjectId on;                       // none: it works on none
    const graph::ActionFact* action = nullptr;  // null: what cannot be decided is the `when` of a group
    bool lacks_object = false;
    std::string lacks_output;  // "steps.copy.file"; if neither, its precondition is false
};

// What makes the result one of several.
struct Uncertainty {
    base::Span condition;  // may hold or not
    // Or else two steps without an order: one changes what the other reads or changes.
    std::optional<graph::StateVariable> raced;
    std::string output;  // or else an output that is read, and may not be there: "steps.copy.file"
};

// One for each run; `state` is changed in place. Nothing is reported here: the check that runs it knows what to say.
class AbstractRun {
  public:
    AbstractRun(const graph::Facts& facts, const graph::Rollback& rollback, AbstractState& state, const Undone& undone);
    AbstractRun(const AbstractRun&) = delete;
    AbstractRun& operator=(const AbstractRun&) = delete;

    // A precondition on a value that a failed step has left undefined does not stop the run; a false one does.
    void allow_undefined() { allows_undefined_ = true; }

    // Runs the steps in an order of the program; false at the first that cannot start.
    bool run();

    [[nodiscard]] const Obstacle& obstacle() const { return obstacle_; }
    // The result holds for one of several courses only; the first reason.
    [[nodiscard]] bool is_uncertain() const { return uncertainty_.has_value(); }
    [[nodiscard]] const Uncertainty& uncertainty() const { return *uncertainty_; }

  private:
    class Env;

    // Whether the conditions on the node hold; nothing if one of them cannot be decided, which is the obstacle.
    std::optional<bool> runs(std::uint32_t number, Env& env);
    bool step(std::uint32_t number, Env& env);
    // Whether a value that was just evaluated for the node is not there, which is the obstacle then.
    bool lacks(std::uint32_t number, const program::Value& value, Env& env);
    void touch(graph::StateVariable variable, std::uint32_t node, bool writes);
    [[nodiscard]] bool is_ordered(std::uint32_t earlier, std::uint32_t later);
    void cannot_tell(Uncertainty why);

    // Who touched a state variable so far.
    struct Touched {
        std::optional<std::uint32_t> writer;
        std::vector<std::uint32_t> readers;  // since then
    };

    const graph::Facts& facts_;
    const graph::Rollback& rollback_;
    AbstractState& state_;
    const Undone& undone_;
    Obstacle obstacle_;
    std::optional<Uncertainty> uncertainty_;
    bool allows_undefined_ = false;
    std::unordered_map<graph::StateVariable, Touched> touched_;
    std::unordered_map<std::uint32_t, std::vector<bool>> ancestors_;  // by node, when asked for
    std::vector<std::optional<bool>> guards_;                         // that were evaluated; unknown ones count as met
};

}  // namespace pvsplan::checks
