// The expression that stands at a place, with its type and, where that is known before a run, its value.
#pragma once

#include <optional>
#include <string>

#include "runtime/lsp/at.hpp"

namespace pvsplan::lsp {

struct ExpressionAt {
    base::Span span;  // of the smallest one
    std::string doc;  // Markdown
};

// The smallest one around that place that is more than a name or a literal, and where its value depends on something
// that takes many values (a loop, a filter), also the smallest one around it that has one value.
std::optional<ExpressionAt> expression_at(const At& at);

}  // namespace pvsplan::lsp
