#include "tests/unit/checks/model.hpp"

#include <algorithm>
#include <map>

#include "compiler/base/check.hpp"

namespace pvsplan::test {
namespace {

using program::Value;

std::optional<int> small(const Value& value) {
    if (const std::string* name = value.as_enumerator()) return toy_value(*name);
    if (const bool* truth = value.as_boolean()) return *truth ? 1 : 0;
    return std::nullopt;
}

std::size_t variable_of(program::ObjectId object, const std::string& state) {
    return object.index() * toy_states + static_cast<std::size_t>(toy_state(state));
}

void add_objects(const program::Plan& plan, Model& model) {
    for (const program::Object& object : plan.objects) {
        const auto site = object.attributes.find("site");
        model.objects.push_back(
            {object.kind, object.name, site == object.attributes.end() ? "" : *site->second.as_string()});
        std::vector<std::optional<int>> states(toy_states, 0);
        for (const program::Attribute& attribute : plan.kinds.at(object.kind).state) {
            const auto known = object.state.find(attribute.name);
            states[static_cast<std::size_t>(toy_state(attribute.name))] =
                known == object.state.end() ? std::nullopt : small(known->second);
        }
        model.initial.insert(model.initial.end(), states.begin(), states.end());
    }
}

using Op = program::Expr::Op;
using program::ExprPtr;

// The values that outputs have in one way of the run, by step and name.
using Outputs = std::map<std::pair<std::string, std::string>, Value>;

enum class Truth : std::uint8_t { no, yes, undecided };

// Variables and what they ask: conditions with the same text share one, also behind a `not`.
class Variables {
  public:
    Variables(const program::Plan& plan, Model& model) : plan_(plan), names_(plan), model_(model) {}

    Model::Condition of(const ExprPtr& condition) {
        return model_.by_text[program::to_text(*condition, names_)] = asked_by(condition);
    }

    // The conditions of a guard, the outermost first.
    std::vector<Model::Condition> all_of(program::GuardId guard) {
        std::vector<Model::Condition> all;
        for (; guard; guard = plan_.guards[guard.index()].parent)
            all.insert(all.begin(), of(plan_.guards[guard.index()].condition));
        return all;
    }

    // Tries all values of all outputs. Whether there are few enough of them.
    bool try_all() {
        static constexpr std::size_t max_ways = 256;
        std::size_t ways = 1;
        for (const auto& [output, type] : outputs_) ways *= values_of(type).size();
        if (ways > max_ways || asked_.size() > Model::max_variables) return false;
        for (std::size_t way = 0; way < ways; ++way) {
            std::size_t rest = way;
            Outputs outputs;
            for (const auto& [output, type] : outputs_) {
                const std::vector<Value> values = values_of(type);
                outputs[output] = values[rest % values.size()];
                rest /= values.size();
            }
            model_.possible.insert(truths_with(outputs));
        }
        return true;
    }

  private:
    Model::Condition asked_by(ExprPtr condition) {
        Model::Condition found{};
        for (; condition->op == Op::logical_not; condition = condition->args[0]) found.wanted = !found.wanted;
        if (condition->op == Op::not_equal || condition->op == Op::not_in) {
            program::Expr plain = *condition;
            plain.op = plain.op == Op::not_equal ? Op::equal : Op::in;
            condition = program::make_expr(std::move(plain));
            found.wanted = !found.wanted;
        }
        const std::string text = program::to_text(*condition, names_);
        auto& texts = model_.variable_texts;
        found.variable = static_cast<std::size_t>(std::find(texts.begin(), texts.end(), text) - texts.begin());
        if (found.variable < texts.size()) return found;
        texts.push_back(text);
        asked_.push_back(condition);
        program::for_each_part(*condition, [&](const program::Expr& part) {
            if (part.op == Op::output) outputs_.try_emplace({part.step, part.name}, part.type);
        });
        return found;
    }

    static std::vector<Value> values_of(const program::Type& type) {
        if (type.category == program::Type::Category::boolean) return {Value::boolean(false), Value::boolean(true)};
        return {Value::string("a"), Value::string("b"), Value::string("else")};
    }

    // Steps stand after those whose outputs they read, so that each is known to be skipped or not once it is asked.
    Model::Truths truths_with(const Outputs& outputs) {
        Model::Truths truths = 0;
        std::vector<bool> is_known(asked_.size(), false);
        const auto know = [&](std::size_t variable) {
            if (is_known[variable]) return;
            is_known[variable] = true;
            const Truth truth = truth_of(*asked_[variable], outputs);
            truths |= (truth == Truth::yes ? 1U : 0U) << variable;
            truths |= (truth == Truth::undecided ? 1U : 0U) << (Model::max_variables + variable);
        };
        presence_.clear();
        for (std::size_t n = 0; n < model_.nodes.size(); ++n) {
            for (const Model::Condition& condition : model_.nodes[n].conditions) know(condition.variable);
            for (const std::size_t variable : model_.nodes[n].reads) know(variable);
            presence_[model_.nodes[n].id] = model_.there(n, truths);
        }
        for (std::size_t v = 0; v < asked_.size(); ++v) know(v);  // a condition may have no step that is left
        return truths;
    }

    // Nothing: it is not there, nor known to be none.
    std::optional<Value> value_of(const program::Expr& expr, const Outputs& outputs) {
        if (expr.op == Op::literal) return expr.value;
        if (expr.op != Op::output) {
            const Truth truth = truth_of(expr, outputs);
            return truth == Truth::undecided ? std::nullopt : std::optional(Value::boolean(truth == Truth::yes));
        }
        const auto presence = presence_.find(expr.step);
        if (presence == presence_.end() || presence->second == Model::There::refused) return std::nullopt;
        if (presence->second == Model::There::skipped) {
            model_.sees_none = true;
            return Value::none();
        }
        return outputs.at({expr.step, expr.name});
    }

    Truth truth_of(const program::Expr& expr, const Outputs& outputs) {
        const auto truth = [](bool is_so) { return is_so ? Truth::yes : Truth::no; };
        switch (expr.op) {
            case Op::logical_not: {
                const Truth inner = truth_of(*expr.args[0], outputs);
                return inner == Truth::undecided ? inner : truth(inner == Truth::no);
            }
            case Op::logical_and:
            case Op::logical_or: {
                const Truth deciding = truth(expr.op == Op::logical_or);
                Truth all = truth(expr.op == Op::logical_and);
                for (const ExprPtr& arg : expr.args) {
                    const Truth one = truth_of(*arg, outputs);
                    if (one == deciding) return deciding;
                    if (one == Truth::undecided) all = one;
                }
                return all;
            }
            case Op::equal:
            case Op::in: {
                const std::optional<Value> left = value_of(*expr.args[0], outputs);
                const std::optional<Value> right = value_of(*expr.args[1], outputs);
                if (!left || !right) return Truth::undecided;
                if (expr.op == Op::equal) return truth(*left == *right);
                const Value::List& list = *right->as_list();
                return truth(std::find(list.begin(), list.end(), *left) != list.end());
            }
            case Op::not_equal:
            case Op::not_in: {
                program::Expr plain = expr;
                plain.op = expr.op == Op::not_equal ? Op::equal : Op::in;
                const Truth inner = truth_of(plain, outputs);
                return inner == Truth::undecided ? inner : truth(inner == Truth::no);
            }
            default: break;
        }
        // A text that is handed on is there, or it is not.
        const std::optional<Value> value =
            expr.op == Op::output || expr.op == Op::literal ? value_of(expr, outputs) : std::nullopt;
        if (!value || value->is_none()) return Truth::undecided;
        return truth(value->as_boolean() == nullptr || *value->as_boolean());
    }

    const program::Plan& plan_;
    program::PlanNames names_;
    Model& model_;
    std::vector<ExprPtr> asked_;  // by variable
    std::map<std::pair<std::string, std::string>, program::Type> outputs_;
    std::map<std::string, Model::There> presence_;  // of the steps that were looked at
};

}  // namespace

Model::There Model::there(std::size_t node, Truths truths) const {
    const auto is_undecided = [&](std::size_t v) { return (truths >> (max_variables + v) & 1U) != 0; };
    for (const Condition& condition : nodes[node].conditions) {
        if (is_undecided(condition.variable)) return There::refused;
        if (((truths >> condition.variable & 1U) != 0) != condition.wanted) return There::skipped;
    }
    return std::any_of(nodes[node].reads.begin(), nodes[node].reads.end(), is_undecided) ? There::refused : There::yes;
}

bool Model::is_always_decided() const {
    return std::all_of(possible.begin(), possible.end(), [&](Truths truths) {
        for (std::size_t n = 0; n < nodes.size(); ++n)
            if (nodes[n].is_action && there(n, truths) == There::refused) return false;
        return true;
    });
}

bool Model::sets_outputs() const {
    return std::any_of(nodes.begin(), nodes.end(), [](const Node& node) {
        return std::any_of(node.sets.begin(), node.sets.end(), [](const Set& set) { return set.variable.has_value(); });
    });
}

std::optional<Model> model_of(const program::Plan& plan) {
    Model model;
    if (plan.graph.nodes.size() > 32 || plan.instances.size() > 32) return std::nullopt;
    add_objects(plan, model);
    Variables variables(plan, model);
    std::map<std::pair<int, std::string>, std::size_t> loops;
    for (const program::Instance& instance : plan.instances) {
        const int parent = instance.parent ? static_cast<int>(instance.parent.index()) : -1;
        const std::size_t loop = loops.try_emplace({parent, instance.loop}, loops.size()).first->second;
        model.instances.push_back({loop, parent, instance.max_failures});
    }
    for (const program::Node& node : plan.graph.nodes) {
        Model::Node own{.id = node.id, .is_action = node.type == program::Node::Type::action};
        own.conditions = variables.all_of(node.guard);
        for (const ExprPtr& with : node.with)
            if (with && with->op != Op::literal) own.reads.push_back(variables.of(with).variable);
        if (node.instance) own.instance = static_cast<int>(node.instance.index());
        for (const program::Event& event : node.does) own.events.push_back({event.verb, event.object.index()});
        for (const program::Setting& set : node.sets) {
            const bool is_written = set.value->op == Op::literal;
            const std::optional<int> value = is_written ? small(set.value->value) : 1;
            base::check(value.has_value(), "an action of the module toy sets a value that is written there, or `to`");
            own.sets.push_back({variable_of(set.object, set.attribute), *value});
            if (!is_written) own.sets.back().variable = variables.of(set.value).variable;
        }
        if (const auto need = toy_need(node.action)) {
            own.need_local = node.on.index() * toy_states + static_cast<std::size_t>(need->state);
            own.need_value = need->value;
        }
        model.nodes.push_back(std::move(own));
    }
    for (const program::Edge& edge : plan.graph.edges) model.nodes[edge.to.index()].before |= 1U << edge.from.index();
    for (const program::Guard& guard : plan.guards) variables.of(guard.condition);
    if (!variables.try_all()) return std::nullopt;
    model.variables = static_cast<std::uint32_t>(model.variable_texts.size());
    return model;
}

}  // namespace pvsplan::test
