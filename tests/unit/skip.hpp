// What is skipped is not passed: a program in which a test was skipped ends with a status of its own, which CTest tells
// apart, and fails where `CI` is set, since nothing may be missing there.
#pragma once

#include <string_view>

namespace pvsplan::tests {

// Says that the test at hand, or a part of it, cannot be run here, and why.
void skip(std::string_view why);

// The same of the whole program, which ends.
[[noreturn]] void skip_all(std::string_view why);

}  // namespace pvsplan::tests
