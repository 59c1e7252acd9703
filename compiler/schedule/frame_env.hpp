// What the precondition of a node sees: its frame, the farm, and the states that the check gives it.
#pragma once

#include <functional>
#include <string>

#include "compiler/program/blind_env.hpp"
#include "compiler/schedule/fact_names.hpp"
#include "compiler/schedule/state_variables.hpp"

namespace pvsplan::schedule {

// `state_of` must be set before a state is read. The facts must outlive it.
class FrameEnv final : public program::BlindEnv {
  public:
    FrameEnv(const graph::Facts& facts, graph::Index node) : facts_(facts), node_(node), names_(facts) {}
    std::function<program::Value(graph::StateVariable)> state_of;

    [[nodiscard]] std::string print(const program::Value& value) const { return program::to_text(value, names_); }
    [[nodiscard]] std::string print(const program::Expr& expr) const { return program::to_text(expr, names_); }

    // Local 0 is the object of the node, those behind it are its arguments. What the frame does not have is none.
    [[nodiscard]] program::Value local(std::uint32_t number) const override {
        if (number == 0) return facts_.on[node_] ? program::Value::object(facts_.on[node_]) : program::Value();
        const auto row = facts_.frames[facts_.frame[node_]];
        return number <= row.size() ? row[number - 1] : program::Value();
    }
    [[nodiscard]] program::Value attribute(program::ObjectId object, const std::string& name) const override {
        return facts_.attribute(object, name);
    }
    // None where the kind has no such state.
    [[nodiscard]] program::Value state(program::ObjectId object, const std::string& name) const override {
        const auto variable = variable_of(facts_, object, name);
        return variable ? state_of(*variable) : program::Value();
    }
    [[nodiscard]] const program::ObjectNames& names() const override { return names_; }
    [[nodiscard]] bool charge(std::size_t elements) const override { return facts_.budget.charge(elements); }
    [[nodiscard]] program::ListIndex* list_index() const override { return facts_.list_index.get(); }

  private:
    const graph::Facts& facts_;
    graph::Index node_;
    FactNames names_;
};

}  // namespace pvsplan::schedule
