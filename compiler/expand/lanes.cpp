#include "compiler/expand/lanes.hpp"

#include <algorithm>
#include <unordered_set>

#include "compiler/expand/codes.hpp"

namespace pvsplan::expand {

// The exit of the iteration that is `width_` before the next one in its lane; none: it need not wait.
std::uint32_t Lanes::earlier(const Value& key) const {
    const auto found = exits_.find(key);
    if (found == exits_.end() || found->second.size() < width_) return none;
    return found->second[found->second.size() - width_];
}

// An iteration without steps passes on what it would have waited for, so that the bound is kept across it.
void Lanes::add(const Value& key, std::uint32_t exit) {
    const std::uint32_t passed_on = exit == none ? earlier(key) : exit;
    exits_[key].push_back(passed_on);
}

// The last `width` iterations of each key: each of the others is waited for. Sorted, since the order of a hash map is
// none.
std::vector<std::uint32_t> Lanes::ends() const {
    std::vector<std::uint32_t> ends;
    for (const auto& [key, exits] : exits_)
        ends.insert(ends.end(), exits.end() - static_cast<std::ptrdiff_t>(std::min(width_, exits.size())), exits.end());
    std::erase(ends, none);
    std::sort(ends.begin(), ends.end());
    return ends;
}

// At least 1 and at most the number of elements: a wider lane is the same as no bound.
std::optional<std::size_t> width_of(const Value& at_most, std::size_t size, const diag::Place& place,
                                    diag::Sink& sink) {
    const std::int64_t* const number = at_most.as_integer();
    if (!number) {
        sink.report(not_known_yet, place, "`at_most`")
            .hint("give the parameters that it reads a value with `--set NAME=VALUE`");
        return std::nullopt;
    }
    if (*number < 1) {
        sink.report(bad_bound, place, std::to_string(*number));
        return std::nullopt;
    }
    return std::max<std::size_t>(1, std::min(static_cast<std::size_t>(*number), size));
}

// Two equal elements would be two iterations with one path, and nobody could name one of them.
bool are_distinct(const Value::List& elements, const diag::Place& place, const program::ObjectNames& names,
                  diag::Sink& sink) {
    std::unordered_set<Value, Value::Hash> seen;
    for (const Value& element : elements) {
        if (element.has_unknown()) {
            sink.report(not_known_yet, place, "an element of this `for_each`");
            return false;
        }
        if (!seen.insert(element).second) {
            sink.report(same_element, place, program::to_text(element, names));
            return false;
        }
    }
    return true;
}

}  // namespace pvsplan::expand
