// "did you mean" for a file that is not there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compiler/base/files.hpp"

namespace pvsplan::resolve {

// What the file `from` may have meant by `name`, as it would write that: the same path with another slash or ending, a
// file of nearly that name in that folder or one of nearly its name, else one of exactly that name in a folder beside
// `from` or below. All is looked up through the interface that keeps reading within the project.
std::optional<std::string> near_file(const base::Files& files, std::string_view from, const std::string& name);

}  // namespace pvsplan::resolve
