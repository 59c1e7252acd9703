#pragma once

#include "compiler/diag/diagnostic.hpp"

namespace pvsplan::expand {

using diag::Count;
using diag::Declared;
using diag::Name;
using diag::OtherStep;
using diag::Severity;
using diag::StepPath;
using diag::Words;

inline constexpr Declared<Words> not_known_yet{2060, Severity::error, "{} is not known while compiling"};
inline constexpr Declared<Count> too_many_nodes{2061, Severity::error, "the plan expands to more than {} steps"};
inline constexpr Declared<Count> too_deep{2062, Severity::error, "calls and groups nest deeper than {} levels"};
inline constexpr Declared<Name> same_element{2063, Severity::error, "the list has `{}` twice"};
inline constexpr Declared<Words> no_object{2064, Severity::error, "there is no object to work on: {}"};
inline constexpr Declared<Words> bad_bound{2065, Severity::error, "`at_most` is {}, it must be at least 1"};
inline constexpr Declared<Count> too_much_work{2066, Severity::error, "the plan takes more than {} units of work"};

inline constexpr Declared<StepPath, OtherStep> reads_skipped{2140, Severity::error,
                                                             "`{}` reads an output of `{}`, which is skipped"};
inline constexpr Declared<> empty_loop{2122, Severity::warning,
                                       "this `for_each` goes over nothing, so nothing is done"};

}  // namespace pvsplan::expand
