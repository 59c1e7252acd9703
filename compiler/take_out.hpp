// Takes an entry of a mapping or of a list out of its text, in block or in flow style.
#pragma once

#include <optional>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/syntax/tree.hpp"

namespace pvsplan::compiler {

// `entry` is the span of a key, of its value, or of an element, in the file that `tree` was read from. With the last
// entry its collection goes. In block style whole lines go, with a comment behind them. Nothing if a comment between
// entries would go, or the text has no entry there that stands for itself.
std::optional<diag::Edit> take_out(const base::Sources& sources, const syntax::Tree& tree, base::Span entry);

}  // namespace pvsplan::compiler
