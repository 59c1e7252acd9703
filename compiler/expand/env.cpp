#include "compiler/expand/env.hpp"

#include <charconv>

#include "compiler/base/check.hpp"

namespace pvsplan::expand {

using program::Expr;
using program::ExprPtr;
using Op = Expr::Op;

std::optional<Reference> reference_of(const std::string& step) {
    Reference r;
    const char* end = step.data() + step.size();
    const auto [colon, bad_up] = std::from_chars(step.data(), end, r.up);
    if (bad_up != std::errc() || colon == end || *colon != ':') return std::nullopt;
    const auto [last, bad_index] = std::from_chars(colon + 1, end, r.index);
    if (bad_index != std::errc() || (last != end && *last != '.')) return std::nullopt;
    r.below = {last, static_cast<std::size_t>(end - last)};
    return r;
}

// `name` is an attribute of every kind. None where the kind has no such attribute, which resolve has reported.
Value attribute_of(const resolve::Model& model, ObjectId id, const std::string& name) {
    const resolve::Object& object = model.farm.objects[id.index()];
    if (name == "name") return Value::string(object.name);
    const auto index = model.kinds[object.kind.index()].attribute_index(name);
    return index ? model.attributes_of(object)[*index] : Value::none();
}

// As the farm file expects it, or as it was observed.
Value state_before_run(const resolve::Model& model, ObjectId id, const std::string& name) {
    const resolve::Object& object = model.farm.objects[id.index()];
    const auto index = model.kinds[object.kind.index()].state_index(name);
    return index ? model.state_of(object)[*index] : Value::none();
}

Value CompileEnv::evaluate(const ExprPtr& expr) { return program::evaluate(*expr, *this); }

// From here on a reference is the path of an instance: the same text means another instance in each iteration.
std::string CompileEnv::step_path(const Expr& reference) const {
    const auto where = reference_of(reference.step);
    if (!where) return reference.step;
    base::check(where->up < siblings.size(), "a step is named from a scope that is around it");
    const Siblings& scope = siblings[siblings.size() - 1 - where->up];
    std::string path = expansion_.path_of_scope(scope.scope, model_);
    if (!path.empty()) path += '.';
    path += scope.block->steps.at(where->index).id;
    path += where->below;
    return path;
}

// Spans are dropped, so that equal expressions of several steps are one. A number that is no local of the frame is the
// variable of a filter around, and stays.
ExprPtr CompileEnv::close(const ExprPtr& expr) {
    switch (expr->op) {
        case Op::literal: return expr;
        case Op::local:
            if (expr->local >= program::undone_frame)
                return program::as_expr(local(expr->local), *expansion_.unknowns, expr->type);
            if (expr->local >= locals.size()) return expr;  // bound by a filter
            return program::as_expr(locals[expr->local], *expansion_.unknowns, expr->type);
        case Op::output:
            return program::make_expr(
                {.op = Op::output, .name = expr->name, .step = step_path(*expr), .type = expr->type});
        case Op::before:
            if (!expr->step.empty() || before_of.empty()) return expr;
            return program::make_expr({.op = Op::before, .name = expr->name, .step = before_of, .type = expr->type});
        case Op::done:
        case Op::started:
        case Op::failed: return program::make_expr({.op = expr->op, .step = step_path(*expr), .type = expr->type});
        default: break;
    }
    Expr copy = *expr;
    copy.span = {};
    if (expr->op == Op::filter && expr->local < locals.size()) {
        // The filter's variable hides the local of that number.
        const Value hidden = locals[expr->local];
        const std::size_t size = locals.size();
        locals.resize(expr->local);
        for (ExprPtr& arg : copy.args) arg = close(arg);
        locals.resize(size);
        locals[expr->local] = hidden;
    } else {
        for (ExprPtr& arg : copy.args) arg = close(arg);
    }
    return program::make_expr(std::move(copy));
}

// Where the step that is undone is left open, its frame is not known, and each value of it is an unknown of its own.
Value CompileEnv::local_of_undone(std::uint32_t number) const {
    if (number < undone.size()) return undone[number];
    return derived_unknown(*program::local_of_undone(number));
}

Value CompileEnv::attribute(ObjectId object, const std::string& name) const {
    return attribute_of(model_, object, name);
}

// Before the run a state is known if it was observed or the farm expects it; at any other moment only the run knows it.
Value CompileEnv::state(ObjectId object, const std::string& name) const {
    if (reads_before_run)
        if (Value known = state_before_run(model_, object, name); !known.is_none()) return known;
    // Any unknown will do while nothing is compared with it.
    if (!registers_) return derived_unknown({.op = Op::state});
    const Expr expr{.op = Op::state, .name = name, .args = {Expr::literal(Value::object(object))}};
    return derived_unknown(expr);
}

// Known only when the step starts; in an undo without a step it is that of the step that is undone.
Value CompileEnv::before(const std::string& name, const std::string& step) const {
    return derived_unknown({.op = Op::before, .name = name, .step = step.empty() ? before_of : step});
}

Value CompileEnv::output(const std::string& step, const std::string& name) const {
    return derived_unknown({.op = Op::output, .name = name, .step = step});
}

Value CompileEnv::special(Op op, const std::string& step) const { return derived_unknown({.op = op, .step = step}); }

Value CompileEnv::json(const std::vector<std::string>& path) const {
    Expr expr{.op = Op::json};
    for (const std::string& name : path)
        expr = Expr{.op = Op::member, .name = name, .args = {program::make_expr(expr)}};
    return derived_unknown(expr);
}

// Most conditions are decided without a look at what is not known. Only if two unknown values were compared with each
// other is it evaluated once more with registered ones: there the same expression has to be the same unknown.
Value CompileEnv::if_known(const Expr& expr) const {
    registers_ = false;
    compares_unknowns_ = false;
    Value value = program::evaluate(expr, *this);
    registers_ = true;
    return compares_unknowns_ ? program::evaluate(expr, *this) : value;
}

// A value that is made of itself in every call it goes through doubles with each: one that is too large uses up the
// budget, which is reported where it is asked for.
Value CompileEnv::derived_unknown(const Expr& expr) const {
    if (!registers_) return Value::unnamed_unknown(next_unnamed_++);
    // Registering an unknown changes only the bookkeeping of the expansion, not the result of an evaluation.
    auto& self = const_cast<CompileEnv&>(*this);
    Expr closed = expr;
    closed.span = {};
    if (expr.op == Op::output || expr.op == Op::done || expr.op == Op::started || expr.op == Op::failed) {
        closed.step = step_path(expr);
    } else if (expr.op != Op::before) {
        for (ExprPtr& arg : closed.args)
            if (arg) arg = self.close(arg);
    }
    if (program::extent_of(closed) != program::Extent::bounded) (void)charge(program::Budget::max_charge + 1);
    return self.expansion_.unknowns->value_of(program::make_expr(std::move(closed)), names_);
}

}  // namespace pvsplan::expand
