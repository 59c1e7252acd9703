// The same question put to Spin: a plan and what is asked of it as a Promela process that reaches a line iff it is
// violated.
//
// Made from the Model alone and in another way than explore: what passes does so in a move of its own, abandoned
// iterations are counted as they fail, and what a state may be is updated rather than read off the nodes.
#pragma once

#include <string>

#include "tests/unit/checks/asked.hpp"
#include "tests/unit/checks/model.hpp"

namespace pvsplan::test {

// "proctype m7() { … }". It is violated iff `bad = 7` is reached. The model has no unknown state.
std::string promela(const Model& model, const Asked& asked, int number);

// All of them in one file, begun one at a time.
std::string promela_file(const std::vector<std::string>& processes);

}  // namespace pvsplan::test
