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
// `name`: an id, the beginning of one, or "last".
base::Result<std::unique_ptr<RunInput>> find_run_input(const Session& session, const std::string& name);

}  // namespace pvsplan::cli
