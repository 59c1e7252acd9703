#include "compiler/choices.hpp"

#include <algorithm>

#include "compiler/expand/env.hpp"

namespace pvsplan::compiler {

using program::Expr;
using program::ExprPtr;
using program::Type;
using program::Value;

Choices::Choices(const resolve::Model& model) {
    std::size_t combinations = 1;
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        if (!model.arguments[i].is_unknown()) continue;
        const Type& type = model.parameters[i].type;
        Open open{.parameter = i, .name = model.parameters[i].name};
        if (type.is == Type::Is::boolean) open.values = {Value::boolean(false), Value::boolean(true)};
        for (const std::string& name : type.names)
            if (type.is == Type::Is::enumeration) open.values.push_back(Value::enumerator(name));
        if (open.values.empty() || combinations * open.values.size() > most_combinations) continue;
        combinations *= open.values.size();
        open_.push_back(std::move(open));
    }
}

void Choices::put_into(resolve::Model& model) const {
    for (const Open& open : open_) model.arguments[open.parameter] = open.values[open.at];
}

bool Choices::next() {
    for (Open& open : open_) {
        if (++open.at < open.values.size()) return true;
        open.at = 0;
    }
    return false;
}

void Choices::merge(const diag::Sink& found, diag::Sink& all) const {
    struct NoNames final : program::ObjectNames {
        [[nodiscard]] std::string_view name(program::ObjectId) const override { return ""; }
        [[nodiscard]] std::string id_text(program::ObjectId) const override { return ""; }
    };
    std::string when;
    for (const Open& open : open_)
        when += (when.empty() ? "" : ", ") +
                ("`" + open.name + "` is " + program::to_text(open.values[open.at], NoNames()));
    for (diag::Diagnostic diagnostic : found.all()) {
        const bool is_known = std::any_of(all.all().begin(), all.all().end(), [&](const diag::Diagnostic& d) {
            return d.code == diagnostic.code && d.span == diagnostic.span && d.message == diagnostic.message;
        });
        if (is_known) continue;
        if (!when.empty() && diagnostic.severity == diag::Severity::error)
            diagnostic.hints.push_back("found when " + when);
        all.add(std::move(diagnostic));
    }
}

void merge_decisions(const std::vector<checks::Decision>& before, std::vector<checks::Decision>& decisions) {
    const auto rank = [](checks::Verdict verdict) {
        switch (verdict) {
            case checks::Verdict::violated: return 3;
            case checks::Verdict::undecided: return 2;
            case checks::Verdict::holds: return 1;
            case checks::Verdict::vacuous: return 0;
        }
        return 3;
    };
    for (std::size_t i = 0; i < decisions.size() && i < before.size(); ++i)
        if (rank(before[i].verdict) > rank(decisions[i].verdict)) decisions[i] = before[i];
}

ExprPtr bind_parameters(const ExprPtr& expr, const resolve::Model& model, expand::Expansion& expansion) {
    if (expr->op == Expr::Op::slot) {
        if (expr->slot == 0 || expr->slot > model.arguments.size()) return expr;
        return expand::as_expr(model.arguments[expr->slot - 1], *expansion.unknowns, expr->type);
    }
    if (expr->args.empty()) return expr;
    auto copy = std::make_shared<Expr>(*expr);
    for (ExprPtr& arg : copy->args) arg = bind_parameters(arg, model, expansion);
    return copy;
}

}  // namespace pvsplan::compiler
