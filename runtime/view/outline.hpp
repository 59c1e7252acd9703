// The text of a document, a line for each thing that it says: what git compares in place of the text.
#pragma once

#include <string>

namespace pvsplan::view {

// A line for each step, requirement and parameter, with its keys in one order; without comments and layout. Nothing is
// looked up and nothing is judged. A text that is not whole is given back as it is: no line of it is lost.
std::string outline_of(const std::string& text);

}  // namespace pvsplan::view
