// Case of letters without accents, for words of our own and of tools: what people call their objects is compared by
// folded.hpp.
#pragma once

#include <string>
#include <string_view>

namespace pvsplan::base {

inline char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string lower_case(std::string_view text) {
    std::string lower;
    for (const char c : text) lower += lower_case(c);
    return lower;
}

}  // namespace pvsplan::base
