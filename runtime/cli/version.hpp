// The version of the program, as CMakeLists.txt states it.
#pragma once

#include <string_view>

namespace pvsplan::cli {

#ifdef PVSPLAN_VERSION
inline constexpr std::string_view version = PVSPLAN_VERSION;
#else
inline constexpr std::string_view version = "0.0.0";
#endif

}  // namespace pvsplan::cli
