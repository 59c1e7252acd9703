#include "runtime/cli/prove.hpp"

#include <map>
#include <vector>

namespace pvsplan::cli {
namespace {

using program::Value;

// The farm at one moment of the walk, seen from one node.
class Walk final : public program::Env {
  public:
    explicit Walk(const program::Plan& plan) : names_(plan) {
        for (const program::Object& object : plan.objects) states_.push_back(object.state);
        plan_ = &plan;
    }

    void stand_at(const program::Node& node) {
        frame_.assign(1, node.on.is_none() ? Value::none() : Value::object(node.on));
        for (const program::ExprPtr& argument : node.with)
            frame_.push_back(argument ? program::evaluate(*argument, *this) : Value::none());
    }
    void set(const program::Setting& setting, bool certainly) {
        Value value = setting.value ? program::evaluate(*setting.value, *this) : nothing_known();
        Value& state = states_[setting.object.index()][setting.attribute];
        if (!(state == value)) state = certainly ? std::move(value) : nothing_known();
    }

    [[nodiscard]] Value slot(std::uint32_t number) const override {
        return number < frame_.size() ? frame_[number] : nothing_known();
    }
    [[nodiscard]] Value attribute(program::ObjectId object, const std::string& name) const override {
        const auto& attributes = plan_->objects[object.index()].attributes;
        const auto found = attributes.find(name);
        return found == attributes.end() ? Value::none() : found->second;
    }
    [[nodiscard]] Value state(program::ObjectId object, const std::string& name) const override {
        const auto found = states_[object.index()].find(name);
        return found == states_[object.index()].end() || found->second.is_none() ? nothing_known() : found->second;
    }
    [[nodiscard]] Value before(const std::string&) const override { return nothing_known(); }
    [[nodiscard]] Value output(const std::string&, const std::string&) const override { return nothing_known(); }
    [[nodiscard]] Value special(program::Expr::Op, const std::string&) const override { return nothing_known(); }
    [[nodiscard]] Value json(const std::vector<std::string>&) const override { return nothing_known(); }
    [[nodiscard]] Value derived_unknown(const program::Expr&) const override { return nothing_known(); }
    [[nodiscard]] const program::ObjectNames& names() const override { return names_; }

  private:
    // Never twice the same: nothing is concluded from two of them.
    [[nodiscard]] Value nothing_known() const { return Value::unknown(unknowns_++); }

    const program::Plan* plan_;
    program::PlanNames names_;
    std::vector<std::map<std::string, Value>> states_;
    std::vector<Value> frame_;
    mutable std::uint32_t unknowns_ = 0;
};

std::string where_it_fails(const program::Node& node, const program::Action& action, const Walk& walk) {
    std::string text = "`" + node.id + "`";
    if (!node.on.is_none()) text += " on " + walk.names().id_text(node.on);
    return text + " requires `" + program::to_text(*action.precondition, walk.names()) + "`";
}

}  // namespace

base::Status prove_left(const program::Plan& plan, const std::set<std::string>& over) {
    Walk walk(plan);
    std::vector<std::string> failing;
    for (const program::Node& node : plan.graph.nodes) {
        if (over.contains(node.id)) continue;
        walk.stand_at(node);
        const bool certainly = node.guard.is_none();
        const auto action = plan.actions.find(node.action);
        if (certainly && action != plan.actions.end() && action->second.precondition) {
            const Value holds = program::evaluate(*action->second.precondition, walk);
            if (const bool* truth = holds.as_boolean(); truth && !*truth)
                failing.push_back(where_it_fails(node, action->second, walk));
        }
        for (const program::Setting& setting : node.sets) walk.set(setting, certainly);
    }
    if (failing.empty()) return base::Done{};
    return base::Error{"what is left cannot run as the farm is now", std::move(failing)};
}

}  // namespace pvsplan::cli
