// What the expansion of one step gives, and what it is given.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/expand/expansion.hpp"

namespace pvsplan::expand {

// A part of the plan as seen from outside: its entry nodes and its one exit node. Empty if all its steps are skipped.
struct Section {
    std::vector<std::uint32_t> entries;
    std::uint32_t exit = none;

    [[nodiscard]] bool is_empty() const { return exit == none; }
};

// What a step passes down to the steps inside it.
struct Context {
    std::uint32_t scope = none;
    Terms terms;
    std::size_t depth = 0;
};

}  // namespace pvsplan::expand
