// A requirement in one way in which the run-time conditions may turn out, form by form.
#pragma once

#include "compiler/checks/subject.hpp"

namespace pvsplan::checks {

// `exactly n A`, `at least`, `at most`, also `per`; `never A`.
Decision decide_count(const Subject& subject, const World& world, const Requirement& r);
Decision decide_never(const Subject& subject, const World& world, const Requirement& r);
// `A before B`, `A then B`.
Decision decide_order(const Subject& subject, const World& world, const Requirement& r);
// `A while P`: the state holds from the start of each A to its end.
Decision decide_during(const Subject& subject, const World& world, const Requirement& r);
// `always at most n P`, `at least`, also `per`.
Decision decide_always(const Subject& subject, const World& world, const Requirement& r);
// `finally P`.
Decision decide_finally(const Subject& subject, const World& world, const Requirement& r);

}  // namespace pvsplan::checks
