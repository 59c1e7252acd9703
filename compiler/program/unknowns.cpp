#include "compiler/program/unknowns.hpp"

#include "compiler/program/bound.hpp"

namespace pvsplan::program {

using Op = Expr::Op;

// What is too large gets an unknown value of its own, which stands for an output that no step has: another one than all
// others, however it was made. Its text, by which equal ones are found, could double with every step.
Value Unknowns::value_of(const ExprPtr& expr, const ObjectNames& names) {
    if (extent_of(*expr) != Extent::bounded) {
        const std::lock_guard<std::mutex> lock(looking_);
        const auto number = static_cast<std::uint32_t>(exprs_.size());
        exprs_.push_back(
            make_expr({.op = Op::output, .name = "…", .step = "…" + std::to_string(number), .type = expr->type}));
        return Value::unknown(Value::Unknown::Type::expression, number);
    }
    std::string key = to_text(*expr, DistinctNames(names));
    // The text of `before.x` does not say of which step it is.
    for_each_part(*expr, [&](const Expr& part) {
        if (part.op == Op::before) key += "@" + part.step;
    });
    const std::lock_guard<std::mutex> lock(looking_);
    const auto [found, is_new] = numbers_.try_emplace(std::move(key), static_cast<std::uint32_t>(exprs_.size()));
    if (is_new) exprs_.push_back(expr);
    return Value::unknown(Value::Unknown::Type::expression, found->second);
}

// Null for an unknown of another type, which stands for itself.
ExprPtr Unknowns::expr_of(Value::Unknown unknown) const {
    if (unknown.type != Value::Unknown::Type::expression) return nullptr;
    const std::lock_guard<std::mutex> lock(looking_);
    return exprs_.at(unknown.number);
}

std::string Unknowns::text_of(Value::Unknown unknown, const ObjectNames& names) const {
    const ExprPtr expr = expr_of(unknown);
    return expr ? to_text(*expr, names) : "";
}

// A list with an unknown element is taken apart, so that the known ones stay literals.
ExprPtr as_expr(const Value& value, const Unknowns& unknowns, const Type& type) {
    if (!value.has_unknown()) return Expr::literal(value, type);
    if (const Value::Unknown* unknown = value.as_unknown()) {
        if (ExprPtr expr = unknowns.expr_of(*unknown)) return expr;
        return Expr::literal(value, type);  // a parameter without a value, an unknown initial state
    }
    std::vector<ExprPtr> parts;
    const Type element = type.element ? *type.element : Type{};
    for (const Value& part : *value.as_list()) parts.push_back(as_expr(part, unknowns, element));
    return make_expr({.op = Op::list, .args = std::move(parts), .type = type});
}

ExprPtr with_values(const ExprPtr& expr, const Env& env, const Unknowns& unknowns) {
    if (!expr) return expr;
    switch (expr->op) {
        case Op::literal: return expr;
        case Op::local:
        case Op::state:
        case Op::before:
        case Op::output:
        case Op::done:
        case Op::started:
        case Op::failed: return as_expr(evaluate(*expr, env), unknowns, expr->type);
        default: break;
    }
    Expr copy = *expr;
    copy.span = {};
    for (std::size_t i = 0; i < copy.args.size(); ++i) {
        if (expr->op == Op::filter && i == 1) {
            // The variable of the filter stands for itself.
            BoundEnv inside(env, expr->local);
            inside.bind(Value::unnamed_unknown(expr->local));
            copy.args[i] = with_values(copy.args[i], inside, unknowns);
        } else {
            copy.args[i] = with_values(copy.args[i], env, unknowns);
        }
    }
    return make_expr(std::move(copy));
}

}  // namespace pvsplan::program
