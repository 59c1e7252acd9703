// Changes of a step where it is written, in block or in flow style: comments and layout stay as they are.
#pragma once

#include <optional>
#include <string_view>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/syntax/tree.hpp"

namespace pvsplan::compiler {

// `step` is the whole mapping of a step in the file that `tree` was read from. Both give nothing where the text has no
// place for the change, such as a step whose lines begin behind something else.

// Adds `name` to the steps that it waits for.
std::optional<diag::Edit> add_after(const base::SourceMap& sources, const syntax::Tree& tree, base::Span step,
                                    std::string_view name);
// Puts `value` in the place of the scalar that `key` has; nothing where it has none.
std::optional<diag::Edit> set_value(const base::SourceMap& sources, const syntax::Tree& tree, base::Span step,
                                    std::string_view key, std::string_view value);
// Gives it a name; it must have none.
std::optional<diag::Edit> add_id(const base::SourceMap& sources, const syntax::Tree& tree, base::Span step,
                                 std::string_view id);

}  // namespace pvsplan::compiler
