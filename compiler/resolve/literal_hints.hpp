// What was probably meant by a text that is no value of its type: `5 min`, `yes`, `{{ version }}`, `v2402`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/program/type.hpp"

namespace pvsplan::resolve {

// A hint that can be written as it stands; empty if nobody can tell.
std::string hint_for_literal(std::string_view text, const program::Type& type);

// The same as texts that may stand in its place.
std::vector<std::string> meant_by_literal(std::string_view text, const program::Type& type);

// The name within `$version`, `${version}`, `$(version)`, `{{ version }}`, `%version%` or `version` itself; empty if
// there is none.
std::string_view name_in_signs(std::string_view text);

}  // namespace pvsplan::resolve
