#include "compiler/checks/on_paper.hpp"

#include <algorithm>

namespace pvsplan::checks {

using program::ObjectId;
using program::Value;
using resolve::Step;

Value PaperRun::Env::special(program::Expr::Op op, const std::string& step) const {
    if (!outcome_) return CompileEnv::special(op, step);
    // What it reads as once closed is the path of the step.
    const Value unknown = CompileEnv::special(op, step);
    const std::string path = expansion_.unknowns->expr_of(unknown.as_unknown()->id)->step;
    if (op == program::Expr::Op::done) return Value::boolean(outcome_->done(path));
    if (op == program::Expr::Op::started) return Value::boolean(outcome_->started(path));
    if (op == program::Expr::Op::failed) return Value::boolean(outcome_->failed(path));
    return unknown;
}

bool PaperRun::run(const resolve::Block& top, std::vector<Value> slots, std::vector<expand::Siblings> around) {
    env_.slots = std::move(slots);
    env_.siblings = std::move(around);
    return block(top);
}

bool PaperRun::block(const resolve::Block& block) {
    env_.siblings.push_back({&block, 0});
    const bool good = std::all_of(block.steps.begin(), block.steps.end(), [&](const Step& s) { return step(s); });
    env_.siblings.pop_back();
    return good;
}

bool PaperRun::step(const Step& step) {
    if (!step.has_loop) return once(step);
    const Value list = env_.evaluate(step.loop_list);
    if (!list.as_list()) return true;  // reported when it was expanded
    for (const Value& element : *list.as_list()) {
        env_.slots[step.loop_slot] = element;
        if (!once(step)) return false;
    }
    return true;
}

bool PaperRun::once(const Step& step) {
    if (step.when) {
        const Value truth = env_.evaluate(step.when);
        const bool* known = truth.as_boolean();
        if (!known)
            cannot_tell(step.head);
        else if (!*known)
            return true;
    }
    switch (step.is) {
        case Step::Is::poison:
        case Step::Is::approval: return true;
        case Step::Is::group: return block(step.block);
        case Step::Is::action: return action(step);
        case Step::Is::procedure: break;
    }
    const resolve::Procedure& called = model_.procedures[step.procedure.index()];
    std::vector<Value> slots(std::max<std::size_t>(called.slots, called.parameters.size() + 1));
    if (step.on) slots[0] = env_.evaluate(step.on);
    for (std::size_t i = 0; i < step.with.size(); ++i)
        if (step.with[i]) slots[i + 1] = env_.evaluate(step.with[i]);
    std::vector<expand::Siblings> none;
    std::swap(env_.slots, slots);
    std::swap(env_.siblings, none);
    const bool good = block(called.block);
    std::swap(env_.slots, slots);
    std::swap(env_.siblings, none);
    return good;
}

void PaperRun::cannot_tell(base::Span condition) {
    if (!uncertain_) uncertain_span_ = condition;
    uncertain_ = true;
}

bool PaperRun::action(const Step& step) {
    const resolve::Action& called = model_.actions[step.action.index()];
    std::vector<Value> slots(called.parameters.size() + 1);
    if (step.on) slots[0] = env_.evaluate(step.on);
    for (std::size_t i = 0; i < step.with.size(); ++i)
        if (step.with[i]) slots[i + 1] = env_.evaluate(step.with[i]);
    std::swap(env_.slots, slots);
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
        obstacle_ = {&step, env_.slots[0].as_object() ? *env_.slots[0].as_object() : ObjectId(), called.requires_span};
    } else {
        std::vector<std::pair<graph::Slot, Value>> changes;
        for (const auto& set : called.compiled.sets) {
            const Value object = env_.evaluate(set.object);
            if (object.as_object())
                changes.emplace_back(state_.slot(*object.as_object(), model_, set.attribute), env_.evaluate(set.value));
        }
        for (auto& [slot, value] : changes) state_.set(slot, std::move(value));
    }
    std::swap(env_.slots, slots);
    return good;
}

}  // namespace pvsplan::checks
