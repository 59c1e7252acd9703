// One function for each command, in a file of its name.
#pragma once

#include "runtime/cli/command.hpp"

namespace pvsplan::cli {

Command validate_command();
Command show_command();
Command explain_command();
Command compile_command();

}  // namespace pvsplan::cli
