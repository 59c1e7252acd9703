// The bytes of a document without a gap: texts, signs, comments, blanks and line breaks in turn, beside the tree. For
// tools that change a text and keep its layout.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/syntax/tree.hpp"

namespace pvsplan::syntax {

struct Piece {
    enum class Type : std::uint8_t {
        scalar,      // a key or a value, with its quotes; of a block scalar with its header and inner lines
        sign,        // - ? : , [ ] { }
        property,    // &anchor !tag
        alias,       // *anchor
        directive,   // %YAML 1.2
        marker,      // --- ...
        comment,     // from # to the end of its line
        blank,       // spaces and tabs
        line_break,  // \n or \r\n
        mark,        // the UTF-8 mark
        unread,      // what could not be read
    };
    Type type = Type::unread;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    NodeId node;  // of a scalar: what stands in the tree there
};
std::string_view name_of(Piece::Type type);

// Piece i ends where piece i + 1 begins, the first begins at 0, the last ends where the text does, none is empty: put
// together they are the text. `tree` is what was read of the same text; it may end early or be empty.
std::vector<Piece> pieces(std::string_view source, const Tree& tree);

}  // namespace pvsplan::syntax
