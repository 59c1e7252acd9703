// What the keys of one mapping ask of each other. A term is `key`, `key=value` for that value alone, or `key.inner`
// for a mapping with that key.
#pragma once

#include <string_view>
#include <vector>

namespace pvsplan::grammar {

struct KeyRule {
    std::string_view given = {};                 // only where this holds; empty: always
    std::vector<std::string_view> one_of = {};   // at least one of these then, unless it is empty
    std::vector<std::string_view> without = {};  // and none of these
    // What a finding says of it; empty: it names the keys.
    std::string_view why = {};
};

}  // namespace pvsplan::grammar
