// A plan of which a part has run, proved again over what is left.
#pragma once

#include <string>
#include <vector>

#include "compiler/graph/remaining.hpp"

namespace pvsplan::checks {

struct Again {
    std::vector<std::string> broken;     // a sentence each: a requirement, or a step that cannot start
    std::vector<std::string> undecided;  // cannot be told from what is known
};

// States begin as the objects of `plan` have them. What the plan waives does not count as broken.
Again prove_again(const program::Plan& plan, const graph::Progress& progress, const program::Env& known);

}  // namespace pvsplan::checks
