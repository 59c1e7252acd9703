// The shape of a text: what can be folded, what a selection grows to.
#pragma once

#include <string>
#include <vector>

#include "runtime/lsp/positions.hpp"

namespace pvsplan::lsp {

// A list of ranges of lines, as far as the text can be read. Lines from 0; comments of several lines as well, also
// where the rest cannot be read.
std::string folding_json(const std::string& path, const std::string& text, Encoding encoding);

// For each offset the ranges around it, from inside: a scalar, its entry, what that stands in, up to the document. As
// many as there are positions, in their order.
std::string selection_json(const std::string& path, const std::string& text, Encoding encoding,
                           const std::vector<Position>& positions);

// A list of edits that set the layout, or "null" where the text cannot be read.
std::string formatting_json(const std::string& path, const std::string& text, Encoding encoding);

}  // namespace pvsplan::lsp
