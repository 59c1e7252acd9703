// Random plans through the compiler.
#pragma once

#include <memory>
#include <set>

#include "compiler/pipeline.hpp"
#include "tests/unit/checks/random_plan.hpp"

namespace pvsplan::test {

std::shared_ptr<const compiler::Compilation> compile_toy(const RandomPlan& plan, compiler::Request request = {});
std::set<int> error_codes(const compiler::Compilation& compilation);

}  // namespace pvsplan::test
