// The functions that expressions may call, beside predicates.
#pragma once

#include <string>
#include <vector>

namespace pvsplan::resolve {

// "first", "size", …, and the questions about other steps: "done", "started", "failed".
std::vector<std::string> function_names();

}  // namespace pvsplan::resolve
