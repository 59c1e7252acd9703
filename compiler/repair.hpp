// Repairs a missing order by a change of the plan's text: an `after` or an `at_most`.
#pragma once

#include <memory>
#include <stop_token>

#include "compiler/compilation.hpp"

namespace pvsplan::compiler {

// The same compilation, with a fix at each finding that some change is proved to repair. Each change
// that is tried is a compilation, so their number is bounded: a fix that is not offered now is offered when the others
// have been made. Nothing but the texts of the compilation is read.
//
// The `after` is added to the sibling of the step to wait for, in the block that holds both; if that is not possible,
// to a step further inside. For two iterations of one loop, `at_most` is changed to the number that is allowed or to 1.
// The standard library is never changed. Who is asked to stop tries no more of them.
std::shared_ptr<const Compilation> with_repairs(const std::shared_ptr<const Compilation>& compilation,
                                                const std::stop_token& stop = {});

}  // namespace pvsplan::compiler
