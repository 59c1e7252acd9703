// An environment that knows the fixed facts of the farm of a plan, and nothing of the run.
#pragma once

#include <string>

#include "compiler/program/blind_env.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::program {

// An attribute of an object of the plan, or its name; none if it has none.
[[nodiscard]] inline Value attribute_of(const Plan& plan, ObjectId id, const std::string& name) {
    const Object& object = plan.objects.at(id.index());
    if (name == "name") return Value::string(object.name);
    const auto found = object.attributes.find(name);
    return found == object.attributes.end() ? Value::none() : found->second;
}

// The plan must outlive it.
class PlanEnv : public BlindEnv {
  public:
    explicit PlanEnv(const Plan& plan) : plan_(&plan), names_(plan) {}
    // Who has a frame overrides it.
    [[nodiscard]] Value local(std::uint32_t) const override { return not_known(); }
    [[nodiscard]] Value attribute(ObjectId object, const std::string& name) const override {
        return attribute_of(*plan_, object, name);
    }
    [[nodiscard]] Value state(ObjectId, const std::string&) const override { return not_known(); }
    [[nodiscard]] const ObjectNames& names() const override { return names_; }

  protected:
    [[nodiscard]] const Plan& plan() const { return *plan_; }

  private:
    const Plan* plan_;
    PlanNames names_;
};

}  // namespace pvsplan::program
