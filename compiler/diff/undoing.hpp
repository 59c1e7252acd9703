// Whether what undoes a step, or recovers a group, does at least as much as before.
#pragma once

#include <vector>

#include "compiler/diff/same.hpp"

namespace pvsplan::diff {

struct Undoing {
    const program::Graph& steps;
    const std::vector<program::Guard>& guards;
};

// Every step of it is there still, in the same order, and under no further condition; others may have come. A value
// that is written out may be another one: it is told where it comes from.
bool undoes_as_much(const Undoing& before, const Undoing& after, const Same& same);

}  // namespace pvsplan::diff
