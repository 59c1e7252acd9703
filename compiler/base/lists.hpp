// Lists that are written as a text.
#pragma once

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

}  // namespace pvsplan::base
