// "We are wrong": checks of our own assumptions, always compiled in.
#pragma once

#include <source_location>
#include <string_view>

namespace pvsplan::base {

// Says that pvsplan itself is broken, where, and ends the process with status 70.
[[noreturn]] void bug(std::string_view what, std::source_location where = std::source_location::current());

// Holds `condition`, or ends the process through bug().
inline void check(bool condition, std::string_view what, std::source_location where = std::source_location::current()) {
    if (!condition) [[unlikely]]
        bug(what, where);
}

}  // namespace pvsplan::base
