#pragma once

#include "compiler/diag/diagnostic.hpp"

namespace pvsplan::compiler {

using diag::Declared;
using diag::Name;
using diag::Severity;
using diag::Words;

inline constexpr Declared<Name> unused_parameter{6002, Severity::note, "nobody uses the parameter `{}`"};
inline constexpr Declared<Name> needless_after{6003, Severity::note, "this step waits for `{}` anyway"};
inline constexpr Declared<Words> larger_at_most{6004, Severity::note,
                                                "with `at_most: {}` every requirement would still hold"};

}  // namespace pvsplan::compiler
