// The PowerShell of windows_job.hpp: fixed texts, nothing is ever put into them.
#pragma once

#include <string_view>

namespace pvsplan::transport {

// Runs the rest of standard input: "COUNT BASE64", refused if it did not arrive whole.
std::string_view windows_loader_script();
// Reads $ask and answers with one line "pvsplan BASE64-OF-JSON".
std::string_view windows_ask_script();
// runner.ps1: claims the job in its folder and runs it.
std::string_view windows_runner_script();

}  // namespace pvsplan::transport
