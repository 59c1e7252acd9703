// Names as people and hosts take them: what looks the same, or differs in case alone, is one name.
#pragma once

#include <string>
#include <string_view>

namespace pvsplan::base {

// For comparing, not for showing: lower case (Latin, Greek, Cyrillic), accented characters as base character and
// accent, wide forms as plain ones, every dash as `-`; blanks of all kinds (also the one that does not break) at the
// ends gone and within as one; characters without width gone. What is not UTF-8 stays as it is, byte by byte.
std::string folded(std::string_view text);

// Whether it begins or ends with a blank, or holds something that cannot be seen.
bool has_hidden(std::string_view text);

// Names the first such character for people: "a blank at its end", "U+200B"; empty if there is nothing.
std::string hidden_in(std::string_view text);

}  // namespace pvsplan::base
