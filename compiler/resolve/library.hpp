// The standard library, as it is embedded in the program.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvsplan::resolve {

// The text of "stdlib/pvs/module.yaml".
std::optional<std::string_view> library_text(std::string_view path);
// The name under which `uses` or `policies` know the file at such a path: "pvs".
std::string library_name(std::string_view path);
// Names that `uses` and `policies` take: "pvs", "pvs/rolling".
std::vector<std::string> library_names();

}  // namespace pvsplan::resolve
