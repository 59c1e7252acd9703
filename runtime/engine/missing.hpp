// Values that are not there: what is not known is never handed to anybody as if it were a value.
#pragma once

#include <string>

#include "compiler/program/expr.hpp"
#include "runtime/state/env.hpp"

namespace pvsplan::engine {

// Whether `value`, which `expr` gave, is no value that somebody meant: it is not known, or none although `expr` is not
// written as `none`.
bool is_missing(const program::Value& value, const program::Expr& expr);

// What of `expr` has no value and why: "`backup` was skipped and put nothing out"; the first of several. Empty: nobody
// can say more than that it has none.
std::string why_missing(const program::Expr& expr, const state::RunState& run, const state::RunEnv& env);

// "`${steps.backup.file}`: `backup` was skipped, so that it put nothing out"
std::string missing_text(const program::Expr& expr, const state::RunState& run, const state::RunEnv& env);

}  // namespace pvsplan::engine
