// Where something is printed: a function that takes it, and what the terminal behind it can show.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "compiler/diag/render.hpp"

namespace pvsplan::view {

// Cheap to copy. Writing never fails here: whoever made it notices.
struct Stream {
    std::function<void(std::string_view)> write;
    bool is_terminal = false;
    diag::Colour colour = diag::Colour::never;
    std::uint32_t width = 80;  // in columns, 40 at least
};

enum class Ink : std::uint8_t { bold, red, yellow, green, blue, cyan, faint };
// `text` in that ink, if the stream has colours.
std::string inked(const Stream& stream, std::string_view text, Ink ink);

}  // namespace pvsplan::view
