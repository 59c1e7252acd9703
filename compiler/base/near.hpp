// "did you mean": the nearest of a set of names.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pvsplan::base {

// The first candidate that differs in the case of its letters only, else the one with the smallest Damerau-Levenshtein
// distance to `name` (optimal string alignment), if it is at most a third of the name's length (at least 1); the first
// of equals. O(|name| * total length).
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates);

}  // namespace pvsplan::base
