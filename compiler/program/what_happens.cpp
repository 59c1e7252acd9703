#include "compiler/program/what_happens.hpp"

#include <algorithm>

namespace pvsplan::program {
namespace {

// Locals beyond the parameters are variables of filters, and keep their numbers.
ExprPtr renumbered(const ExprPtr& expr, const std::vector<std::uint32_t>& number) {
    if (!expr || (expr->op != Expr::Op::local && expr->args.empty())) return expr;
    auto copy = std::make_shared<Expr>(*expr);
    if (copy->op == Expr::Op::local && copy->local < number.size()) copy->local = number[copy->local];
    for (ExprPtr& arg : copy->args) arg = renumbered(arg, number);
    return copy;
}

}  // namespace

// Where it stands and in which order its attributes do means nothing.
Kind what_happens(Kind kind) {
    kind.source = {};
    const auto by_name = [](const Attribute& a, const Attribute& b) { return a.name < b.name; };
    std::stable_sort(kind.attributes.begin(), kind.attributes.end(), by_name);
    std::stable_sort(kind.state.begin(), kind.state.end(), by_name);
    return kind;
}

// `number` maps the number of a parameter as it was declared to that by name; 0 is `on` and stays.
Action what_happens(Action action) {
    action.summary.clear();
    action.source = {};
    action.takes_ms = 0;  // an estimate
    const std::vector<Action::Parameter> written = action.parameters;
    std::stable_sort(action.parameters.begin(), action.parameters.end(),
                     [](const auto& a, const auto& b) { return a.name < b.name; });
    std::vector<std::uint32_t> number = {0};
    for (const Action::Parameter& parameter : written) {
        const auto place = std::find_if(action.parameters.begin(), action.parameters.end(),
                                        [&](const auto& other) { return other.name == parameter.name; });
        number.push_back(static_cast<std::uint32_t>(place - action.parameters.begin()) + 1);
    }
    const auto renumber = [&](ExprPtr& expr) { expr = renumbered(expr, number); };
    for (ExprPtr* expr : {&action.precondition, &action.at, &action.run.until}) renumber(*expr);
    for (ExprPtr& argument : action.run.arguments) renumber(argument);
    for (auto& [output, expr] : action.outputs) renumber(expr);
    for (Action::DoneTo& done : action.does) renumber(done.object);
    for (Action::Sets& set : action.sets) renumber(set.object), renumber(set.value);
    std::stable_sort(action.sets.begin(), action.sets.end(),
                     [](const auto& a, const auto& b) { return a.attribute < b.attribute; });
    std::sort(action.exit_codes.begin(), action.exit_codes.end());
    return action;
}

Requirement what_happens(Requirement requirement) {
    requirement.because.clear();
    return requirement;
}

}  // namespace pvsplan::program
