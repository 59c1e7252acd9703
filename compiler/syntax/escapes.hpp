// Escapes that nobody meant: in `"\\nas01\new\temp"` there are a line break and a tab.
#pragma once

#include <string_view>

#include "compiler/syntax/tree.hpp"

namespace pvsplan::syntax {

// Reports a text between double quotes on one line in which an escape made a control character. `what` is what it is
// the text of.
void check_escapes(const Tree& tree, NodeId scalar, std::string_view what, diag::Sink& sink);

}  // namespace pvsplan::syntax
