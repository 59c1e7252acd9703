#include "compiler/checks/abstract_run.hpp"

#include <algorithm>

namespace pvsplan::checks {

using program::ObjectId;
using program::Value;
using resolve::Step;

Value AbstractRun::Env::special(program::Expr::Op op, const std::string& step) const {
    if (!outcome_) return CompileEnv::special(op, step);
    // What it reads as once closed is the path of the step.
    const Value unknown = CompileEnv::special(op, step);
    const std::string path = expansion_.unknowns->expr_of(unknown.as_unknown()->id)->step;
    if (op == program::Expr::Op::done) return Value::boolean(outcome_->done(path));
    if (op == program::Expr::Op::started) return Value::boolean(outcome_->started(path));
    if (op == program::Expr::Op::failed) return Value::boolean(outcome_->failed(path));
    return unknown;
}

bool AbstractRun::run(const resolve::Block& top, std::vector<Value> variables, std::vector<expand::Siblings> around) {
    env_.locals = std::move(variables);
    env_.siblings = std::move(around);
    return block(top);
}

bool AbstractRun::block(const resolve::Block& block) {
    env_.siblings.push_back({&block, 0});
    const bool good = std::all_of(block.steps.begin(), block.steps.end(), [&](const Step& s) { return step(s); });
    env_.siblings.pop_back();
    return good;
}

bool AbstractRun::step(const Step& step) {
    if (!step.has_loop) return once(step);
    const Value list = env_.evaluate(step.loop_list);
    if (!list.as_list()) return true;  // reported when it was expanded
    for (const Value& element : *list.as_list()) {
        env_.locals[step.loop_local] = element;
        if (!once(step)) return false;
    }
    return true;
}

bool AbstractRun::once(const Step& step) {
    if (step.when) {
        const Value truth = env_.evaluate(step.when);
        const bool* known = truth.as_boolean();
        if (!known)
            cannot_tell(step.head);
        else if (!*known)
            return true;
    }
    switch (step.type) {
        case Step::Type::error:
        case Step::Type::approval: return true;
        case Step::Type::group: return block(step.block);
        case Step::Type::action: return action(step);
        case Step::Type::procedure: break;
    }
    const resolve::Procedure& called = model_.procedures[step.procedure.index()];
    std::vector<Value> variables(std::max<std::size_t>(called.locals, called.parameters.size() + 1));
    if (step.on) variables[0] = env_.evaluate(step.on);
    for (std::size_t i = 0; i < step.with.size(); ++i)
        if (step.with[i]) variables[i + 1] = env_.evaluate(step.with[i]);
    std::vector<expand::Siblings> none;
    std::swap(env_.locals, variables);
    std::swap(env_.siblings, none);
    const bool good = block(called.block);
    std::swap(env_.locals, variables);
    std::swap(env_.siblings, none);
    return good;
}

void AbstractRun::cannot_tell(base::Span condition) {
    if (!uncertain_) uncertain_span_ = condition;
    uncertain_ = true;
}

bool AbstractRun::action(const Step& step) {
    const resolve::Action& called = model_.actions[step.action.index()];
    std::vector<Value> variables(called.parameters.size() + 1);
    if (step.on) variables[0] = env_.evaluate(step.on);
    for (std::size_t i = 0; i < step.with.size(); ++i)
        if (step.with[i]) variables[i + 1] = env_.evaluate(step.with[i]);
    std::swap(env_.locals, variables);
    bool good = true;
    if (called.compiled.precondition) {
        const Value truth = env_.evaluate(called.compiled.precondition);
        const bool* known = truth.as_boolean();
        if (known)
            good = *known;
        else if (!allows_undefined_)
            cannot_tell(called.requires_span);
    }
    if (!good) {
        obstacle_ = {&step, env_.locals[0].as_object() ? *env_.locals[0].as_object() : ObjectId(),
                     called.requires_span};
    } else {
        std::vector<std::pair<graph::StateVariable, Value>> changes;
        for (const auto& set : called.compiled.sets) {
            const Value object = env_.evaluate(set.object);
            if (object.as_object())
                changes.emplace_back(state_.variable(*object.as_object(), model_, set.attribute),
                                     env_.evaluate(set.value));
        }
        for (auto& [variable, value] : changes) state_.set(variable, std::move(value));
    }
    std::swap(env_.locals, variables);
    return good;
}

}  // namespace pvsplan::checks
