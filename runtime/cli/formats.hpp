// The formats that programs read of us, each with its JSON Schema: formats/README.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/embedded.hpp"

namespace pvsplan::cli {

// By their names in formats/: "diff-1.json".
std::span<const base::Embedded> format_files();

std::vector<std::string> format_names();  // "pvsplan.diff/1"
// The schema of one of these, whole: what it refers to is within it. One that is not known is a bug: the command line
// takes those of format_names().
std::string format_schema(std::string_view name);

}  // namespace pvsplan::cli
