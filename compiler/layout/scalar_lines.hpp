// The lines of a scalar behind its first one: their indentation changes, what they say does not.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.hpp"

namespace pvsplan::layout {

// A scalar in quotes or without, at [begin, end): what is before the first word of a line says nothing.
void indent_lines(std::string_view source, base::Span scalar, std::size_t indent, std::vector<diag::Edit>& edits);

// Columns of the block that a block scalar stands in, as it is and as it becomes, and of its lines where its header
// does not say that. None: the scalar is the document.
struct BlockColumns {
    std::size_t now;
    std::size_t wanted;
    std::size_t lines;
};

// A scalar that begins with `|` or `>` at `scalar.begin`. Returns where it ends: behind the blank lines below it that
// say something, which are at the end of the source or before the first byte of a line.
std::uint32_t indent_block(std::string_view source, base::Span scalar, const std::optional<BlockColumns>& columns,
                           std::vector<diag::Edit>& edits);

}  // namespace pvsplan::layout
