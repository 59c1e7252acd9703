// Compares what is decided about a plan, and what people are told of it, with tests/unit/compiler/decisions.txt.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/compiler/project.hpp"

namespace pvsplan::test {

// `body` goes on after `project`'s plan.yaml, and asks the requirements. It is a part of the sample, so that who reads
// that can tell whether what is decided is so.
void expect_decisions(const std::string& name, const std::string& body, const std::vector<std::string>& requirements,
                      Project project = shop_plan(""));

}  // namespace pvsplan::test
