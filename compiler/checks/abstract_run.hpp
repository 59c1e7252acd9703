// Abstract execution of steps: the state that they leave, for the state that they start from.
#pragma once

#include <functional>
#include <set>
#include <unordered_map>
#include <vector>

#include "compiler/expand/env.hpp"
#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

// Ids of unknown values, by state variable. `uncertain`: one of several known values. `undefined`: any value, as a step
// that fails may leave it.
inline constexpr std::uint32_t uncertain = 1U << 30U;
inline constexpr std::uint32_t undefined = 3U << 29U;

// A state as its changes over a known ground, so that a copy costs as much as has changed. State variables as in Facts.
class AbstractState {
  public:
    AbstractState(const graph::Facts& facts, const std::vector<program::Value>& ground)
        : facts_(&facts), ground_(&ground) {}
    // The ground does not know the value of these state variables.
    void doubt(std::function<bool(graph::StateVariable)> is_doubtful) { is_doubtful_ = std::move(is_doubtful); }
    // From now on every state variable that is read is added to `reads`, which must outlive this.
    void record_reads(std::set<graph::StateVariable>& reads) { reads_ = &reads; }
    [[nodiscard]] const program::Value& at(graph::StateVariable variable) const {
        if (reads_) reads_->insert(variable);
        if (const auto found = changed_.find(variable); found != changed_.end()) return found->second;
        if (!is_doubtful_ || !is_doubtful_(variable)) return (*ground_)[variable];
        return doubted_.try_emplace(variable, program::Value::unknown(uncertain + variable)).first->second;
    }
    void set(graph::StateVariable variable, program::Value value) { changed_[variable] = std::move(value); }
    // Every state variable that was set, also one that was set to the value that it had.
    [[nodiscard]] std::set<graph::StateVariable> changed() const {
        std::set<graph::StateVariable> variables;
        for (const auto& [variable, value] : changed_) variables.insert(variable);
        return variables;
    }
    [[nodiscard]] graph::StateVariable variable(program::ObjectId object, const resolve::Model& model,
                                                const std::string& attribute) const {
        const auto& kind = model.kinds[model.farm.objects[object.index()].kind.index()];
        return facts_->first_variable[object.index()] + static_cast<graph::StateVariable>(*kind.state_index(attribute));
    }

  private:
    const graph::Facts* facts_;
    const std::vector<program::Value>* ground_;
    std::set<graph::StateVariable>* reads_ = nullptr;
    std::unordered_map<graph::StateVariable, program::Value> changed_;
    std::function<bool(graph::StateVariable)> is_doubtful_;
    mutable std::unordered_map<graph::StateVariable, program::Value> doubted_;
};

// What has become of the steps of a group when `recover` begins, by path.
struct GroupOutcome {
    std::function<bool(const std::string& path)> done;
    std::function<bool(const std::string& path)> started;
    std::function<bool(const std::string& path)> failed;
};

// What stopped an abstract run.
struct Obstacle {
    const resolve::Step* step = nullptr;
    program::ObjectId on;
    base::Span requires_span;
};

class AbstractRun {
  public:
    // `before`: the state when the node started that is undone. `outcome` may be null where nothing asks for it.
    AbstractRun(const resolve::Model& model, expand::Expansion& expansion, const graph::Facts& facts,
                AbstractState& state, const AbstractState& before, program::ObjectId before_on,
                const GroupOutcome* outcome)
        : env_(model, expansion, state, before, before_on, outcome), model_(model), facts_(facts), state_(state) {}

    // A precondition on a value that a failed step has left undefined does not stop the run; a false one does.
    void allow_undefined() { allows_undefined_ = true; }

    // Runs the steps of `block` one after another; false at the first whose precondition is not true.
    bool run(const resolve::Block& block, std::vector<program::Value> variables, std::vector<expand::Siblings> around);

    [[nodiscard]] const Obstacle& obstacle() const { return obstacle_; }
    // The value of some condition was unknown: the result holds for one of its branches only.
    [[nodiscard]] bool is_uncertain() const { return uncertain_; }
    // The first such condition.
    [[nodiscard]] base::Span uncertain_span() const { return uncertain_span_; }

  private:
    class Env final : public expand::CompileEnv {
      public:
        Env(const resolve::Model& model, expand::Expansion& expansion, const AbstractState& state,
            const AbstractState& before, program::ObjectId before_on, const GroupOutcome* outcome)
            : CompileEnv(model, expansion),
              model_(model),
              expansion_(expansion),
              state_(state),
              before_(before),
              before_on_(before_on),
              outcome_(outcome) {}
        [[nodiscard]] program::Value state(program::ObjectId object, const std::string& name) const override {
            return state_.at(state_.variable(object, model_, name));
        }
        [[nodiscard]] program::Value before(const std::string& name) const override {
            return before_.at(before_.variable(before_on_, model_, name));
        }
        [[nodiscard]] program::Value special(program::Expr::Op op, const std::string& step) const override;

      private:
        const resolve::Model& model_;
        expand::Expansion& expansion_;
        const AbstractState& state_;
        const AbstractState& before_;
        program::ObjectId before_on_;
        const GroupOutcome* outcome_;
    };

    bool block(const resolve::Block& block);
    bool step(const resolve::Step& step);
    bool once(const resolve::Step& step);
    bool action(const resolve::Step& step);
    void cannot_tell(base::Span condition);

    Env env_;
    const resolve::Model& model_;
    const graph::Facts& facts_;
    AbstractState& state_;
    Obstacle obstacle_;
    bool uncertain_ = false;
    base::Span uncertain_span_;
    bool allows_undefined_ = false;
};

}  // namespace pvsplan::checks
