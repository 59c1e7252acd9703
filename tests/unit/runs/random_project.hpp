// A random project over a small module of which every step can be undone, with requirements that are proved of its
// plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "compiler/program/plan.hpp"

namespace pvsplan::test {

struct RandomProject {
    std::string farm;
    std::string text;  // of the plan
    program::Plan plan;
};

// Nothing if what was drawn is not a plan (a race, a precondition that is false).
std::optional<RandomProject> draw_project(std::uint32_t seed);

}  // namespace pvsplan::test
