// What is said where an expression stands for something else than it should: for no object, or for no path.
#pragma once

#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/env.hpp"

namespace pvsplan::expand {

// `on` has been evaluated to none.
void report_no_object(const program::ExprPtr& on, CompileEnv& env, const diag::Place& place, diag::Sink& sink);

// A step of a module that takes for granted that the farm has one object of a kind.
void report_refused(const resolve::Model& model, const resolve::Refused& refused, const diag::Place& place,
                    diag::Sink& sink);

// Reports the arguments that are no paths though their parameters are, by what their texts have come to.
void check_paths(const resolve::Step& step, const std::vector<resolve::Parameter>& parameters,
                 std::span<const Value> values, const FindingPlace& place, std::uint32_t scope, diag::Sink& sink);

}  // namespace pvsplan::expand
