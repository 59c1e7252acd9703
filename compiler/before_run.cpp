#include "compiler/before_run.hpp"

#include <algorithm>
#include <utility>

#include "compiler/expand/env.hpp"
#include "compiler/expand/expand.hpp"
#include "compiler/expand/no_object.hpp"
#include "compiler/parameter_assignments.hpp"
#include "compiler/resolve/codes.hpp"

namespace pvsplan::compiler {
namespace {

using program::Expr;
using program::ExprPtr;
using program::Type;
using program::Value;
using resolve::Model;
using Op = Expr::Op;

class BeforeRun {
  public:
    BeforeRun(const Model& model, expand::Expansion& expansion) : model_(model), env_(model, expansion) {
        env_.reads_before_run = true;
        env_.locals.resize(1);
    }

    // Which objects the condition over local 0 holds for; where that is not known, the condition is the value that
    // decides it.
    ExprPtr objects_with(const ExprPtr& condition, const std::string& kind_name) {
        const resolve::Kind& kind = model_.kinds[model_.kind_by_name.at(kind_name).index()];
        Value::List with;
        std::vector<ExprPtr> parts;
        for (const program::ObjectId object : kind.objects) {
            env_.locals[0] = Value::object(object);
            const Value truth = env_.evaluate(condition);
            if (const bool* is_met = truth.as_boolean()) {
                if (*is_met) with.push_back(Value::object(object));
                continue;
            }
            parts.push_back(expr(Op::logical_and, {is_one_of({Value::object(object)}, kind_name),
                                                   Expr::literal(deciding(condition), boolean, condition->span)}));
        }
        parts.insert(parts.begin(), is_one_of(std::move(with), kind_name));
        return parts.size() == 1 ? parts.front() : expr(Op::logical_or, std::move(parts));
    }

    // True once: the questions took too much work, so that the last answer may be wrong.
    [[nodiscard]] bool is_exhausted() { return env_.budget().is_exhausted() && !std::exchange(is_said_, true); }
    [[nodiscard]] const program::Budget& budget() { return env_.budget(); }

  private:
    ExprPtr is_one_of(Value::List objects, const std::string& kind) {
        const Type type = Type::object(kind);
        return expr(Op::in, {program::make_expr({.op = Op::local, .local = 0, .type = type}),
                             Expr::literal(Value::list(std::move(objects)), Type::list_of(type))});
    }
    static ExprPtr expr(Op op, std::vector<ExprPtr> args) {
        return program::make_expr({.op = op, .args = std::move(args), .type = boolean});
    }

    // The unknown part of the condition: a parameter, or the state of an object.
    Value deciding(const ExprPtr& condition) {
        Value found;
        program::for_each_part(*condition, [&](const Expr& part) {
            if (part.op == Op::literal && part.value.is_unknown()) found = part.value;
            if (part.op != Op::state) return;
            const Value of = env_.evaluate(part.args[0]);
            if (of.as_object() && expand::state_before_run(model_, *of.as_object(), part.name).is_none())
                found = unknown_state(*of.as_object(), part.name);
        });
        return found.is_none() ? env_.evaluate(condition) : found;
    }

    // The state of an object before the run as an unknown value; it has the number that the facts give it.
    Value unknown_state(program::ObjectId of, const std::string& name) {
        if (first_state_.empty()) {
            first_state_.push_back(0);
            for (const resolve::Object& object : model_.farm.objects)
                first_state_.push_back(first_state_.back() +
                                       static_cast<std::uint32_t>(model_.kinds[object.kind.index()].state.size()));
        }
        const resolve::Kind& kind = model_.kinds[model_.farm.objects[of.index()].kind.index()];
        const auto state = static_cast<std::uint32_t>(kind.state_index(name).value_or(0));
        return Value::unknown(Value::Unknown::Type::state, first_state_[of.index()] + state);
    }

    inline static const Type boolean = Type::of(Type::Category::boolean);
    const Model& model_;
    expand::CompileEnv env_;
    std::vector<std::uint32_t> first_state_;  // by object: the number of its first state; when asked for
    bool is_said_ = false;
};

}  // namespace

std::vector<program::Requirement> bound_requirements(const Model& model, expand::Expansion& expansion,
                                                     diag::Sink& sink) {
    std::vector<program::Requirement> all = model.requirements;
    BeforeRun before_run(model, expansion);
    const auto bind = [&](ExprPtr& expr) {
        if (expr) expr = bind_parameters(expr, model, expansion);
    };
    const auto bind_where = [&](ExprPtr& where, const std::string& kind) {
        bind(where);
        if (!where || !program::reads_state(*where)) return;
        const base::Span written = where->span;
        where = before_run.objects_with(where, kind);
        if (before_run.is_exhausted()) expand::report_costs(before_run.budget(), written, sink);
    };
    for (program::Requirement& r : all) {
        program::Demand& demand = r.demand;
        bind(demand.number);
        bind(demand.per);
        for (auto* side : {&demand.left, &demand.right})
            if (*side) bind_where((*side)->where, (*side)->kind), bind((*side)->per);
        if (demand.state) bind(demand.state->condition), bind_where(demand.state->where, demand.state->kind);
    }
    return all;
}

// In the order of the parameters: a default sees the values of those before it, also where they are defaults
// themselves.
void fill_defaults(Model& model, diag::Sink& sink) {
    expand::Expansion scratch;
    expand::CompileEnv env(model, scratch);
    env.reads_before_run = true;
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        const ExprPtr& usual = model.parameters[i].default_expr;
        if (!usual || !model.arguments[i].is_unknown()) continue;
        env.locals.assign(std::max<std::size_t>(model.locals, model.parameters.size() + 1), Value());
        std::copy(model.arguments.begin(), model.arguments.end(), env.locals.begin() + 1);
        Value value = env.evaluate(usual);
        if (env.budget().is_exhausted()) {
            expand::report_costs(env.budget(), usual->span, sink);
            return;
        }
        if (value.is_none()) expand::report_no_object(usual, env, usual->span, sink);
        if (const std::string* text = value.as_string();
            text && model.parameters[i].type.category == Type::Category::path && !program::is_path(*text))
            sink.report(resolve::bad_literal, usual->span, diag::Name(*text), diag::Words("a path"))
                .hint("it has a control character");
        if (!value.has_unknown()) model.arguments[i] = std::move(value);
    }
}

}  // namespace pvsplan::compiler
