// The life of a run on a simulated farm: processes that die, hosts that fail or are slow, people who say something. All
// of it from one seed, without a disk, on a clock that passes by waiting.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"

namespace pvsplan::test {

struct Life {
    std::string fault;               // of the first journal that was no legal schedule, or did not keep what was proved
    std::vector<std::string> story;  // what each process was asked for, and how it ended
    std::string journal;             // at the fault
    std::string outcome;             // in the end
    std::uint32_t deaths = 0;
};
Life live(const program::Plan& plan, std::uint32_t seed);

}  // namespace pvsplan::test
