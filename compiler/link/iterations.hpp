// The iterations of the loops of a plan, as the compiled plan names them: a run may go on without one of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compiler/expand/expansion.hpp"
#include "compiler/program/plan.hpp"

namespace pvsplan::link {

struct Iterations {
    std::vector<program::Instance> all;          // those with a step, the outer before the inner
    std::vector<program::InstanceId> innermost;  // by scope of the expansion; none outside of all loops
};
// `nodes`: of the expansion, in the order of the plan, which the iterations follow.
Iterations iterations_of(const expand::Expansion& expansion, std::span<const std::uint32_t> nodes,
                         const resolve::Model& model);

}  // namespace pvsplan::link
