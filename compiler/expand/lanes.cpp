#include "compiler/expand/lanes.hpp"

#include <algorithm>
#include <unordered_set>

namespace pvsplan::expand {

std::vector<std::uint32_t> Lanes::ends() const {
    const std::size_t last = exits_.size() - std::min(width_, exits_.size());
    std::vector<std::uint32_t> ends(exits_.begin() + static_cast<std::ptrdiff_t>(last), exits_.end());
    std::erase(ends, none);
    return ends;
}

const Value* first_twice(const Value::List& list) {
    struct Hash {
        std::size_t operator()(const Value& v) const { return v.hash(); }
    };
    std::unordered_set<Value, Hash> seen;
    for (const Value& element : list)
        if (!seen.insert(element).second) return &element;
    return nullptr;
}

}  // namespace pvsplan::expand
