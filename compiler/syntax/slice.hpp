// The text of a scalar and where its bytes stand in the source, so that what is read from inside it has a place.
#pragma once

#include <cstddef>
#include <string_view>

#include "compiler/base/source.hpp"

namespace pvsplan::syntax {

struct Slice {
    std::string_view text;
    base::Span span;       // of the text in the source, without quotes where `is_exact`
    bool is_exact = true;  // byte i of `text` is byte span.begin + i of the source

    // Bytes [begin, end) of `text`; the whole scalar where folding or escapes have moved them.
    [[nodiscard]] base::Span part(std::size_t begin, std::size_t end) const {
        if (!is_exact) return span;
        const auto at = [&](std::size_t offset) { return span.begin + static_cast<std::uint32_t>(offset); };
        return {span.file, at(begin), at(end)};
    }
    [[nodiscard]] Slice cut(std::size_t begin, std::size_t end) const {
        return {text.substr(begin, end - begin), part(begin, end), is_exact};
    }
};

}  // namespace pvsplan::syntax
