#include "compiler/expand/lanes.hpp"

#include <algorithm>
#include <unordered_set>

namespace pvsplan::expand {

std::uint32_t Lanes::earlier(const Value& key) const {
    const auto found = exits_.find(key);
    if (found == exits_.end() || found->second.size() < width_) return none;
    return found->second[found->second.size() - width_];
}

void Lanes::add(const Value& key, std::uint32_t exit) {
    const std::uint32_t passed_on = exit == none ? earlier(key) : exit;
    exits_[key].push_back(passed_on);
}

std::vector<std::uint32_t> Lanes::ends() const {
    std::vector<std::uint32_t> ends;
    for (const auto& [key, exits] : exits_)
        ends.insert(ends.end(), exits.end() - static_cast<std::ptrdiff_t>(std::min(width_, exits.size())), exits.end());
    std::erase(ends, none);
    std::sort(ends.begin(), ends.end());
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
