#include "runtime/state/untold.hpp"

#include <algorithm>

namespace pvsplan::state {
namespace {

// A truth that is not known is taken for `false`: whether `one == other` asks for just that.
bool is_false(const program::Expr& one, const program::Expr& other) {
    const bool* truth = other.op == program::Expr::Op::literal ? other.value.as_boolean() : nullptr;
    return one.type.category == program::Type::Category::boolean && truth != nullptr && !*truth;
}

}  // namespace

// Whether the condition holds, with each number or version that is not known taken for larger than what it is compared
// with. A simulated farm goes the way that an upgraded one would.
bool as_if_larger(const program::Expr& condition, const program::Env& env) {
    using Op = program::Expr::Op;
    const program::Value value = program::evaluate(condition, env);
    if (const bool* known = value.as_boolean()) return *known;
    const auto holds = [&](const program::ExprPtr& part) { return as_if_larger(*part, env); };
    const auto& parts = condition.args;
    switch (condition.op) {
        case Op::logical_not: return !holds(parts[0]);
        case Op::logical_and: return std::all_of(parts.begin(), parts.end(), holds);
        case Op::logical_or: return std::any_of(parts.begin(), parts.end(), holds);
        case Op::equal: return is_false(*parts[0], *parts[1]) || is_false(*parts[1], *parts[0]);
        case Op::not_equal: return !is_false(*parts[0], *parts[1]) && !is_false(*parts[1], *parts[0]);
        case Op::not_in: return true;
        case Op::greater:
        case Op::greater_equal: return parts[0]->op != Op::literal;
        case Op::less:
        case Op::less_equal: return parts[0]->op == Op::literal;
        default: return false;
    }
}

}  // namespace pvsplan::state
