#include "compiler/schedule/state_variables.hpp"

#include <set>

#include "compiler/program/bound.hpp"
#include "compiler/schedule/frame_env.hpp"

namespace pvsplan::schedule {

using graph::Facts;
using graph::StateVariable;
using program::Env;
using program::Expr;
using program::ObjectId;
using program::Value;

namespace {

// Collects more rather than less: where a state decides which object or which list is meant, all objects count.
class StateReader {
  public:
    explicit StateReader(const Facts& facts) : facts_(facts) {}

    // Visits each operand by itself: evaluating an `and` could stop early and miss a state.
    void read(const Expr& expr, const Env& env) {
        if (expr.op == Expr::Op::filter && expr.args.size() > 1) {
            read(*expr.args[0], env);
            program::BoundEnv bound(env, expr.local);
            for (const Value& element : elements(*expr.args[0], env)) {
                if (!env.charge(1)) return;
                bound.bind(element);
                read(*expr.args[1], bound);
            }
            return;
        }
        for (const program::ExprPtr& part : expr.args) read(*part, env);
        if (expr.op != Expr::Op::state) return;
        const Value of = program::evaluate(*expr.args[0], env);
        if (const ObjectId* object = of.as_object())
            add(*object, expr.name);
        else if (of.is_unknown())  // states decide which object it is
            for (std::uint32_t any = 0; any < facts_.object_kind.size(); ++any) add(ObjectId(any), expr.name);
    }

    [[nodiscard]] std::vector<StateVariable> found() const { return {found_.begin(), found_.end()}; }

  private:
    void add(ObjectId object, const std::string& state) {
        if (const auto variable = variable_of(facts_, object, state)) found_.insert(*variable);
    }

    // All possible elements of a list.
    std::vector<Value> elements(const Expr& expr, const Env& env) {
        const Value value = program::evaluate(expr, env);
        if (const Value::List* list = value.as_list()) return {list->begin(), list->end()};
        if (!value.is_unknown()) return {};
        if ((expr.op == Expr::Op::filter || expr.op == Expr::Op::rest) && !expr.args.empty())
            return elements(*expr.args[0], env);
        std::vector<Value> all;
        for (std::uint32_t object = 0; object < facts_.object_kind.size(); ++object)
            all.push_back(Value::object(ObjectId(object)));
        return all;
    }

    const Facts& facts_;
    std::set<StateVariable> found_;
};

}  // namespace

std::optional<StateVariable> variable_of(const Facts& facts, ObjectId object, const std::string& state) {
    return facts.variable_of(object, state);
}

std::vector<StateVariable> variables_read(const Facts& facts, const Expr& condition, const Env& env) {
    StateReader reader(facts);
    reader.read(condition, env);
    return reader.found();
}

std::vector<StateVariable> variables_read(const Facts& facts, const graph::RequireFact& fact) {
    FrameEnv env(facts, fact.node);
    env.state_of = [](StateVariable variable) { return Value::unknown(Value::Unknown::Type::state, variable); };
    return variables_read(facts, *fact.condition, env);
}

std::vector<StateVariable> variables_read(const Facts& facts, const Expr& condition) {
    if (facts.size() == 0) return {};
    FrameEnv env(facts, 0);  // any node will do: the condition reads no frame
    env.state_of = [](StateVariable variable) { return Value::unknown(Value::Unknown::Type::state, variable); };
    return variables_read(facts, condition, env);
}

std::string variable_text(const Facts& facts, StateVariable variable) {
    return facts.object_name(facts.variable_object[variable]) + "." +
           facts.state_names[facts.variable_attribute[variable]];
}

}  // namespace pvsplan::schedule
