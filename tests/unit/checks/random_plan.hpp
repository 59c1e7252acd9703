// A small random plan over the module `toy`, with its farm and what is asked of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/unit/checks/asked.hpp"

namespace pvsplan::test {

struct RandomPlan {
    std::string farm;
    std::string steps;     // from `steps:` on
    bool is_here = false;  // of the parameter `here`: some steps are skipped without it, some with it
    std::vector<Asked> asked;

    [[nodiscard]] std::string plan() const;  // the whole document
};

// How many steps are skipped while compiling, and wait for a step that is further out.
enum class Skips : std::uint8_t { few, many };
RandomPlan draw_plan(std::uint32_t seed, Skips skips = Skips::few);

}  // namespace pvsplan::test
