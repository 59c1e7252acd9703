// What the expressions of an observation may ask: the observed object and the fixed facts of the farm, but no state.
#pragma once

#include "compiler/program/plan_env.hpp"

namespace pvsplan::state {

class ObjectEnv final : public program::PlanEnv {
  public:
    ObjectEnv(const program::Plan& plan, program::ObjectId on) : PlanEnv(plan), on_(on) {}
    [[nodiscard]] program::Value local(std::uint32_t number) const override {
        return number == 0 ? program::Value::object(on_) : not_known();
    }

  private:
    program::ObjectId on_;
};

}  // namespace pvsplan::state
