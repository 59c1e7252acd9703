// One function for each command, in a file of its name.
#pragma once

#include "runtime/cli/command.hpp"

namespace pvsplan::cli {

Command validate_command();
Command show_command();
Command diff_command();
Command explain_command();
Command doc_command();
Command rehearse_command();
Command observe_command();
Command compile_command();
Command apply_command();
Command resume_command();
Command simulate_command();
Command rollback_command();
Command abandon_command();
Command approve_command();
Command work_command();
Command runs_command();
Command status_command();
Command log_command();
Command serve_command();
Command init_command();
Command fmt_command();
Command schema_command();
Command lsp_command();
Command completion_command();
Command man_command();

}  // namespace pvsplan::cli
