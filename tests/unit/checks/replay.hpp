// Replays the witness of a violated requirement: a legal schedule, after which the violation is plain.
#pragma once

#include <string>
#include <vector>

#include "compiler/pipeline.hpp"
#include "tests/unit/checks/oracle.hpp"

namespace pvsplan::test {

std::vector<Move> moves_of(const checks::Decision& decision);

// What is wrong with it, to stand after "the witness": "starts `x` too early"; empty: nothing. Also looks at the fix.
std::string fault_of_witness(const Oracle& oracle, const Asked& asked, const checks::Decision& decision);

}  // namespace pvsplan::test
