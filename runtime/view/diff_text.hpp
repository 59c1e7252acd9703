// What changes between two texts, as a unified diff.
#pragma once

#include <string>
#include <string_view>

#include "runtime/view/stream.hpp"

namespace pvsplan::view {

// The difference of two texts with the same lines but for blanks and blank lines, as a new layout makes them; empty if
// they are the same. `name`: of the file, on both sides. Each line of either text is in it or unchanged.
std::string layout_diff(std::string_view name, std::string_view before, std::string_view after, const Stream& stream);

}  // namespace pvsplan::view
