// What the expressions of an observation may ask: the observed object and the fixed facts of the farm, but no state.
#pragma once

#include <string>
#include <vector>

#include "compiler/program/expr.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::state {

class ObjectEnv final : public program::Env {
  public:
    ObjectEnv(const program::Plan& plan, program::ObjectId on) : plan_(&plan), on_(on), names_(plan) {}

    [[nodiscard]] program::Value local(std::uint32_t number) const override;
    [[nodiscard]] program::Value attribute(program::ObjectId object, const std::string& name) const override;
    [[nodiscard]] program::Value state(program::ObjectId, const std::string&) const override { return not_known(); }
    [[nodiscard]] program::Value before(const std::string&) const override { return not_known(); }
    [[nodiscard]] program::Value output(const std::string&, const std::string&) const override { return not_known(); }
    [[nodiscard]] program::Value special(program::Expr::Op, const std::string&) const override { return not_known(); }
    [[nodiscard]] program::Value json(const std::vector<std::string>&) const override { return not_known(); }
    [[nodiscard]] program::Value derived_unknown(const program::Expr&) const override { return not_known(); }
    [[nodiscard]] const program::ObjectNames& names() const override { return names_; }

  private:
    // A fresh unknown each time, so no two of them compare equal.
    [[nodiscard]] program::Value not_known() const { return program::Value::unknown(unknowns_++); }

    const program::Plan* plan_;
    program::ObjectId on_;
    program::PlanNames names_;
    mutable std::uint32_t unknowns_ = 0;
};

}  // namespace pvsplan::state
