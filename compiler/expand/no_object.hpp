// What is said where an expression stands for no object: the list is empty, or none in it has the name that is wanted.
#pragma once

#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/env.hpp"

namespace pvsplan::expand {

// `on` has been evaluated to none.
void report_no_object(const program::ExprPtr& on, CompileEnv& env, const diag::Place& place, diag::Sink& sink);

}  // namespace pvsplan::expand
