#include "runtime/cli/commands.hpp"

namespace pvsplan::cli {

// Made anew at each call: what a command parses lies in arguments of its own, so that two uses never share one.
std::vector<Command> commands() {
    std::vector<Command> all;
    for (Command (*const command)() :
         {validate_command, show_command,    diff_command,     explain_command,    doc_command,
          rehearse_command, observe_command, compile_command,  apply_command,      resume_command,
          rollback_command, abandon_command, approve_command,  runs_command,       status_command,
          log_command,      serve_command,   simulate_command, work_command,       init_command,
          fmt_command,      schema_command,  lsp_command,      completion_command, man_command})
        all.push_back(command());
    return all;
}

}  // namespace pvsplan::cli
