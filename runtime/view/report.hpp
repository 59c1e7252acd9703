// A plan that was just compiled, as all that is rendered of it takes it.
#pragma once

#include <string>

#include "compiler/pipeline.hpp"

namespace pvsplan::view {

// It refers to the compilation, which outlives it.
struct PlanReport {
    const compiler::Compilation& compilation;
    std::string plan;         // as seen from the project folder
    std::string prefix;       // what leads to that from the current folder, empty or with a `/` behind
    double milliseconds = 0;  // how long compiling took
};

}  // namespace pvsplan::view
