// A text that was compiled in: an explain page, a file of the standard library. See compiler/embed.cmake.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace pvsplan::base {

struct Embedded {
    std::string_view name;
    std::string_view text;
};

// The text of the file `name`, if it is one of `files`: a linear search, as they are a few dozen.
std::optional<std::string_view> find_text(std::span<const Embedded> files, std::string_view name);
// The text of a file that is known to be there: anything else is a fault of ours.
std::string_view text_of(std::span<const Embedded> files, std::string_view name);

}  // namespace pvsplan::base
