// Reads of outputs of skipped steps, which have none.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/diag/collected.hpp"
#include "compiler/expand/expansion.hpp"

namespace pvsplan::expand {

// Reports each. `skipped`: nodes in the place of skipped actions whose outputs may be read.
void refuse_reads_of_skipped(const resolve::Model& model, const Expansion& expansion,
                             const std::vector<std::uint32_t>& skipped, const FindingPlace& place, diag::Sink& sink);

}  // namespace pvsplan::expand
