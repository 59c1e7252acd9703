// A picture as one HTML file that needs nothing else: no request leaves it, what comes from a plan is text in it and
// nothing more, and without a script all of it is there but the answers to clicks.
#pragma once

#include <string>

#include "runtime/picture/picture.hpp"

namespace pvsplan::picture {

// The same picture gives the same bytes.
std::string html_of(const Picture& picture);

}  // namespace pvsplan::picture
