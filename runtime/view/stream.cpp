#include "runtime/view/stream.hpp"

#include <array>

namespace pvsplan::view {
namespace {

constexpr std::array<std::string_view, 7> escapes = {"\x1b[1m",  "\x1b[1;31m", "\x1b[33m", "\x1b[32m",
                                                     "\x1b[34m", "\x1b[36m",   "\x1b[2m"};

}  // namespace

// In the order of Ink. Each text ends its own colour, so that nothing behind it is coloured if it is cut off there.
std::string inked(const Stream& stream, std::string_view text, Ink ink) {
    if (stream.colour == diag::Colour::never) return std::string(text);
    return std::string(escapes[static_cast<std::size_t>(ink)]) + std::string(text) + "\x1b[0m";
}

}  // namespace pvsplan::view
