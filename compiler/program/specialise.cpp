#include <functional>
#include <utility>

#include "compiler/program/bound.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::program {
namespace {

using Op = Expr::Op;

// Whether the expression is that truth, written out.
bool is_boolean(const Expr& expr, bool wanted) {
    if (expr.op != Op::literal) return false;
    const bool* truth = expr.value.as_boolean();
    return truth && *truth == wanted;
}

// `and` and `or` without the operands that decide nothing.
ExprPtr without_neutral(std::shared_ptr<Expr> expr) {
    const bool neutral = expr->op == Op::logical_and;
    std::erase_if(expr->args, [&](const ExprPtr& arg) { return is_boolean(*arg, neutral); });
    if (expr->args.size() == 1) return expr->args.front();
    return expr;
}

// The same operation on other operands. Place and type stay, so that findings still point into the source.
ExprPtr rebuilt(const Expr& expr, std::vector<ExprPtr> args) {
    auto copy = std::make_shared<Expr>(Expr{.op = expr.op,
                                            .value = expr.value,
                                            .local = expr.local,
                                            .name = expr.name,
                                            .step = expr.step,
                                            .args = std::move(args),
                                            .type = expr.type,
                                            .span = expr.span});
    if (expr.op == Op::logical_and || expr.op == Op::logical_or) return without_neutral(std::move(copy));
    return copy;
}

// An env in which the variable of a filter is not known.
BoundEnv inside_filter(const Expr& filter, const Env& env) {
    BoundEnv bound(env, filter.local);
    bound.bind(env.derived_unknown(filter));
    return bound;
}

}  // namespace

ExprPtr Expr::literal(Value value, Type type, base::Span span) {
    auto made = std::make_shared<Expr>();  // filled where it lies: there are millions, and an expression is large
    made->value = std::move(value);
    made->type = std::move(type);
    made->span = span;
    return made;
}

// From the top down: what is known as a whole is not looked into. Parts that stay as they are are shared with the
// original.
ExprPtr specialise(const ExprPtr& expr, const Env& env) {
    if (!expr || expr->op == Op::literal) return expr;
    if (Value value = env.if_known(*expr); !value.has_unknown())
        return Expr::literal(std::move(value), expr->type, expr->span);
    std::vector<ExprPtr> args;
    args.reserve(expr->args.size());
    bool changed = false;
    for (std::size_t i = 0; i < expr->args.size(); ++i) {
        const ExprPtr& arg = expr->args[i];
        args.push_back(expr->op == Op::filter && i == 1 ? specialise(arg, inside_filter(*expr, env))
                                                        : specialise(arg, env));
        changed = changed || args.back() != arg;
    }
    return changed ? rebuilt(*expr, std::move(args)) : expr;
}

// `a != b` asks what `a == b` asks: conditions that deny each other become one question with two answers.
Question question_of(const ExprPtr& condition) {
    Question question{.asked = condition};
    while (question.asked->op == Op::logical_not && question.asked->args.size() == 1) {
        const ExprPtr inner = question.asked->args[0];
        question = {.asked = inner, .wanted = !question.wanted};
    }
    const bool is_other = question.asked->op == Op::not_equal || question.asked->op == Op::not_in;
    if (!is_other) return question;
    auto copy = std::make_shared<Expr>(*question.asked);
    copy->op = copy->op == Op::not_equal ? Op::equal : Op::in;
    return {.asked = std::move(copy), .wanted = !question.wanted};
}

// What an undo reads of before is before the step that it undoes.
ExprPtr with_before_of(const std::string& step, const ExprPtr& expr) {
    if (!expr) return expr;
    if (expr->op == Op::before && expr->step.empty())
        return make_expr({.op = Op::before, .name = expr->name, .step = step, .type = expr->type, .span = expr->span});
    std::vector<ExprPtr> args;
    bool changed = false;
    for (const ExprPtr& arg : expr->args) {
        args.push_back(with_before_of(step, arg));
        changed = changed || args.back() != arg;
    }
    return changed ? rebuilt(*expr, std::move(args)) : expr;
}

bool reads_before(const Action& action) {
    bool found = false;
    for (const Action::Sets& set : action.sets)
        if (set.value) for_each_part(*set.value, [&](const Expr& part) { found = found || part.op == Op::before; });
    return found;
}

namespace {

// Ends at the first bound that is met, so that it costs no more than that bound.
Extent extent_below(const Expr& expr, std::size_t depth, std::size_t& parts_left) {
    if (depth > max_depth_made) return Extent::too_deep;
    if (parts_left == 0) return Extent::too_large;
    --parts_left;
    for (const ExprPtr& arg : expr.args)
        if (arg)
            if (const Extent below = extent_below(*arg, depth + 1, parts_left); below != Extent::bounded) return below;
    return Extent::bounded;
}

}  // namespace

Extent extent_of(const Expr& expr) {
    std::size_t parts_left = max_parts_made;
    return extent_below(expr, 0, parts_left);
}

// From the outside in. A part that is shared is visited each time it stands somewhere.
void for_each_part(const Expr& expr, const std::function<void(const Expr&)>& visit) {
    visit(expr);
    for (const ExprPtr& arg : expr.args)
        if (arg) for_each_part(*arg, visit);
}

bool reads_state(const Expr& expr) {
    bool found = false;
    for_each_part(expr, [&](const Expr& part) { found = found || part.op == Op::state; });
    return found;
}

}  // namespace pvsplan::program
