// The layout of a document: blanks between its words, indentation, runs of blank lines. It is set by edits that replace
// blanks and line breaks by others and touch nothing else, so that no text and no comment can be lost.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"
#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/syntax/tree.hpp"

namespace pvsplan::layout {

// The edits that bring `source` into the layout of all documents: ascending, none within or beside another one. `tree`
// was read from it without a finding. Lines are neither joined nor broken.
std::vector<diag::Edit> layout_edits(std::string_view source, base::FileId file, const syntax::Tree& tree);

// `source` with such edits.
std::string with_edits(std::string_view source, const std::vector<diag::Edit>& edits);

// The edits for a file. Nothing if it is no YAML that could be read, which `sink` then says. An error is a bug of ours:
// the text would say something else afterwards.
std::optional<base::Result<std::vector<diag::Edit>>> format(const base::Sources& sources, base::FileId file,
                                                            diag::Sink& sink);

}  // namespace pvsplan::layout
