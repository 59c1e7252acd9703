#pragma once

#include "compiler/diag/diagnostic.hpp"

namespace pvsplan::graph {

using diag::Declared;
using diag::Severity;
using diag::Words;

inline constexpr Declared<Words> cycle{3001, Severity::error, "the steps wait for each other: {}"};

}  // namespace pvsplan::graph
