#include "runtime/cli/commands.hpp"

namespace pvsplan::cli {

std::vector<Command> commands() {
    std::vector<Command> all;
    for (Command (*const command)() : {validate_command, show_command, explain_command, compile_command})
        all.push_back(command());
    return all;
}

}  // namespace pvsplan::cli
