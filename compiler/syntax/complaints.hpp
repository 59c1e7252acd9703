// Words the complaints of the YAML parser for people who do not know its insides.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compiler/base/source.hpp"

namespace pvsplan::syntax {

struct Complaint {
    std::string words;  // after "this is not YAML: "
    std::string hint;   // may be empty
    std::size_t begin = 0;
    std::size_t end = 0;
};

// Ours, for a key without a colon, which yaml-cpp takes for one without a value.
inline constexpr std::string_view no_colon_message = "no colon behind a key";
// Ours, for what stands behind the end of the only document.
inline constexpr std::string_view behind_end_message = "behind the end";

// `message` is yaml-cpp's own, at byte `at` of `source`.
Complaint complaint_for(std::string_view message, std::string_view source, std::size_t at);

}  // namespace pvsplan::syntax
