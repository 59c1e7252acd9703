// A number with what is counted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pvsplan::base {

// "57 steps", "1 step"; the last word of `thing` takes the s.
inline std::string counted(std::uint64_t number, std::string_view thing) {
    return std::to_string(number) + " " + std::string(thing) + (number == 1 ? "" : "s");
}

}  // namespace pvsplan::base
