// A text that was compiled in: an explain page, a file of the standard library. See compiler/embed.cmake.
#pragma once

#include <string_view>

namespace pvsplan::base {

struct Embedded {
    std::string_view name;
    std::string_view text;
};

}  // namespace pvsplan::base
