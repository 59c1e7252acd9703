// The standard library, as it is embedded in the program.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvsplan::resolve {

// The text of "stdlib/pvs/module.yaml".
std::optional<std::string_view> library_text(std::string_view path);
// The name under which `uses` or `policies` know the file at such a path: "pvs", "windows/host".
std::string library_name(std::string_view path);
// Every file of it: "pvs/module.yaml", "pvs/scripts/stream-stop.ps1".
std::vector<std::string> library_paths();
// Names that `uses` and `policies` take: "pvs", "pvs/rolling".
std::vector<std::string> library_names();

// Where PowerShell lies that scripts use by such a name: "stdlib/windows/host.ps1".
std::string library_script(std::string_view name);
// Names that `uses` of a script takes: "windows/host".
std::vector<std::string> library_scripts();

}  // namespace pvsplan::resolve
