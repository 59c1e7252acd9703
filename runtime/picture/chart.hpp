// The chart of a picture: an axis, the count of a requirement, and the lanes, each a drawing of its own over the same
// time, so that lanes can be folded without a script.
#pragma once

#include <string>

#include "runtime/picture/picture.hpp"

namespace pvsplan::picture {

// HTML and SVG, every text in it escaped.
std::string chart_of(const Picture& picture);
// In the words of a legend: "in doubt".
std::string_view words_of(StepStatus status);
// The class of its least width.
std::string chart_width(const Picture& picture);

// "2 of 4 servers possibly down at once (pvs03, pvs04)"
std::string worst_words(const Strip& strip);

}  // namespace pvsplan::picture
