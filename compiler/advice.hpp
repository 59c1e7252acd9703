// Advice on a plan in which nothing is wrong: what could go, and what could be more.
#pragma once

#include <memory>
#include <stop_token>

#include "compiler/compilation.hpp"

namespace pvsplan::compiler {

// The same compilation with notes: a parameter that nobody uses (if the request wants uses), an `after` of what the
// step waits for anyway, and an `at_most` that could be larger. How large is proved: each number that is tried is a
// compilation, so that their number is bounded. A plan with an error gets no advice.
std::shared_ptr<const Compilation> with_advice(const std::shared_ptr<const Compilation>& compilation,
                                               const std::stop_token& stop = {});

}  // namespace pvsplan::compiler
