// The plans that are shipped, and the farms that they name, for whoever begins a project.
#pragma once

#include <span>

#include "compiler/base/embedded.hpp"

namespace pvsplan::cli {

// By their paths below `plans/`. Their texts live as long as the program.
std::span<const base::Embedded> shipped_plans();

}  // namespace pvsplan::cli
