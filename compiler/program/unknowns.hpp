// Values that the run decides, and the expressions that they stand for.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/program/expr.hpp"

namespace pvsplan::program {

// Any thread may ask: what is made of a plan later (its undos) has unknowns of its own, beside those of the plan.
class Unknowns {
  public:
    // The unknown value of `expr`, which is closed: it reads outputs, `before` of a step and the like, but no locals.
    // Equal expressions have the same, unless they are larger than extent_of() allows.
    [[nodiscard]] Value value_of(const ExprPtr& expr, const ObjectNames& names);
    // The expression of such a value; null for parameters, states and the like.
    [[nodiscard]] ExprPtr expr_of(Value::Unknown unknown) const;
    // The expression as the language writes it, for people.
    [[nodiscard]] std::string text_of(Value::Unknown unknown, const ObjectNames& names) const;

  private:
    mutable std::mutex looking_;
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::vector<ExprPtr> exprs_;
};

// A value as an expression; unknowns become the expressions that they stand for.
ExprPtr as_expr(const Value& value, const Unknowns& unknowns, const Type& type);

// The expression with all that it reads replaced by the values that it has in `env`, be they unknown. Two that are
// equal have the same value, at whatever moments they were asked.
ExprPtr with_values(const ExprPtr& expr, const Env& env, const Unknowns& unknowns);

}  // namespace pvsplan::program
