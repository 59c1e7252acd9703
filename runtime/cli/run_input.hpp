// A run that was named on the command line, and the plan that it runs.
#pragma once

#include <memory>
#include <string>

#include "runtime/cli/world.hpp"

namespace pvsplan::cli {

struct RunInput {
    ports::RunRow row;
    program::Plan plan;
};
base::Result<std::unique_ptr<RunInput>> read_run_input(ports::Store& store, const ports::RunRow& row);

}  // namespace pvsplan::cli
