// Missing values. An unknown is never handed to a host as if it were a value.
#pragma once

#include <string>

#include "compiler/program/expr.hpp"
#include "runtime/state/env.hpp"

namespace pvsplan::engine {

// Whether `value`, the result of `expr`, is missing: it is unknown, or it is none although `expr` is not the literal
// `none`.
bool is_missing(const program::Value& value, const program::Expr& expr);

// Which part of `expr` has no value and why: "`backup` was skipped and put nothing out"; the first of several. Empty:
// no reason is known.
std::string why_missing(const program::Expr& expr, const state::RunState& run, const state::RunEnv& env);

// "`${steps.backup.file}`: `backup` was skipped, so that it put nothing out"
std::string missing_text(const program::Expr& expr, const state::RunState& run, const state::RunEnv& env);

}  // namespace pvsplan::engine
