#include "compiler/diff/choices.hpp"

#include <algorithm>

namespace pvsplan::diff {

using program::Expr;
using program::ExprPtr;

bool reads_parameter(const ExprPtr& expr, const Choices& choices) {
    bool found = false;
    if (expr)
        program::for_each_part(*expr, [&](const Expr& part) {
            found = found || (part.op == Expr::Op::local && part.local > 0 && part.local <= choices.parameters_of_both);
        });
    return found;
}

bool reads_parameter(const program::Demand& demand, const Choices& choices) {
    program::Demand copy = demand;
    const std::vector<ExprPtr*> parts = parts_of(copy);
    return std::any_of(parts.begin(), parts.end(), [&](const ExprPtr* one) { return reads_parameter(*one, choices); });
}

std::vector<ExprPtr*> parts_of(program::Demand& demand) {
    std::vector<ExprPtr*> parts = {&demand.number, &demand.per};
    for (auto* const side : {&demand.left, &demand.right})
        if (*side) parts.insert(parts.end(), {&(*side)->where, &(*side)->per});
    if (demand.state) parts.insert(parts.end(), {&demand.state->condition, &demand.state->where});
    return parts;
}

}  // namespace pvsplan::diff
