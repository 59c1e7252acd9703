// What expressions may ask of a run.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/program/expr.hpp"
#include "runtime/state/run_state.hpp"

namespace pvsplan::state {

// The result of a command.
struct CommandResult {
    std::int64_t exit_status = 0;
    std::string out;
    bool is_cut = false;  // the host did not keep all of it
};

// Used by one thread: what is unknown is numbered as it is asked for. `run` and all that is set here outlive it.
class RunEnv final : public program::Env {
  public:
    explicit RunEnv(const RunState& run) : run_(&run), names_(*run.plan) {}

    std::vector<program::Value> frame;     // local 0 is `on`
    const States* before_state = nullptr;  // of `on`, when the step itself started
    const CommandResult* result = nullptr;
    const ObjectStates* seen = nullptr;  // read in place of what is known of these objects
    // `no_state`: every state is unknown. The conditions of a `recover` ask how far the forward run got when the
    // rollback is derived, and read states when they run. `what_is_seen`: a state that the observation of an object
    // leaves out is unknown, whatever was known before.
    enum class Reads : std::uint8_t { everything, no_state, what_is_seen } reads = Reads::everything;
    // What a simulated step did not put out. Another simulated step takes none for it; to a condition it is unknown, as
    // it would be none for sure else.
    enum class Untold : std::uint8_t { is_none, is_unknown } untold = Untold::is_none;

    [[nodiscard]] program::Value local(std::uint32_t number) const override;
    [[nodiscard]] program::Value attribute(program::ObjectId object, const std::string& name) const override;
    [[nodiscard]] program::Value state(program::ObjectId object, const std::string& name) const override;
    [[nodiscard]] program::Value before(const std::string& name, const std::string& step) const override;
    [[nodiscard]] program::Value output(const std::string& step, const std::string& name) const override;
    [[nodiscard]] program::Value special(program::Expr::Op op, const std::string& step) const override;
    [[nodiscard]] program::Value json(const std::vector<std::string>& path) const override;
    [[nodiscard]] program::Value derived_unknown(const program::Expr& expr) const override;
    [[nodiscard]] const program::ObjectNames& names() const override { return names_; }

    // Why the last `json…` that was asked for has no value; empty: none was without.
    [[nodiscard]] const std::string& fault() const { return fault_; }

  private:
    // What is known of the object of a step of the plan when that step started; null: nothing.
    [[nodiscard]] const States* before_of(const std::string& step) const;
    [[nodiscard]] program::Value unknown(const std::string& what) const;

    const RunState* run_;
    program::PlanNames names_;
    mutable std::map<std::string, std::uint32_t> unknowns_;
    mutable std::string fault_;
};

// What a condition of the run may ask.
[[nodiscard]] RunEnv env_of_conditions(const RunState& run);

// Whether `node` is the step `step` or lies within it: "rest[pvs02].stop" is within "rest" and "rest[pvs02]",
// "stop:approve" within "stop".
bool is_within(std::string_view node, std::string_view step);

}  // namespace pvsplan::state
