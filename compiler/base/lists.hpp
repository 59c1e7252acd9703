// Lists that are written as a text.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace pvsplan::base {

// One more; the separator stands between two, never before the first.
inline void append(std::string& list, std::string_view separator, std::string_view one) {
    if (!list.empty()) list += separator;
    list += one;
}

// All of a range of texts.
template <typename Texts>
std::string joined(const Texts& texts, std::string_view separator = ", ") {
    std::string list;
    for (const std::string_view one : texts) append(list, separator, one);
    return list;
}

// `a`, `b`
template <typename Texts>
std::string quoted(const Texts& texts) {
    return texts.empty() ? "" : "`" + joined(texts, "`, `") + "`";
}

// "a, b and 3 more": of a long list the first `max_named`, and how many there are besides. Only those that are named
// are asked for their name, so a list of a million costs no more than a short one.
template <typename Things, typename NameOf = std::identity>
std::string some_of(const Things& things, std::size_t max_named, const NameOf& name_of = {}) {
    std::string list;
    std::size_t named = 0;
    for (const auto& thing : things) {
        if (named == max_named) break;
        append(list, ", ", std::invoke(name_of, thing));
        ++named;
    }
    return named == things.size() ? list : list + " and " + std::to_string(things.size() - named) + " more";
}

// "`a`, `b` and 3 more"
template <typename Things, typename NameOf = std::identity>
std::string some_quoted(const Things& things, std::size_t max_named, const NameOf& name_of = {}) {
    return some_of(things, max_named,
                   [&](const auto& thing) { return "`" + std::string(std::invoke(name_of, thing)) + "`"; });
}

}  // namespace pvsplan::base
