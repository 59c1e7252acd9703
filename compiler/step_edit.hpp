// Edits the text of a step, in block or in flow style. Comments and layout stay as they are.
#pragma once

#include <optional>
#include <string_view>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/syntax/tree.hpp"

namespace pvsplan::compiler {

// `step` is the whole mapping of a step in the file that `tree` was read from. All return nothing if the text has no
// place for the change, such as a step that does not begin its line.

// Adds `name` to the steps that it waits for.
std::optional<diag::Edit> add_after(const base::Sources& sources, const syntax::Tree& tree, base::Span step,
                                    std::string_view name);
// Replaces the scalar of `key` by `value`; nothing if `key` has no scalar.
std::optional<diag::Edit> set_value(const base::Sources& sources, const syntax::Tree& tree, base::Span step,
                                    std::string_view key, std::string_view value);
// Adds an id; nothing if the step has one.
std::optional<diag::Edit> add_id(const base::Sources& sources, const syntax::Tree& tree, base::Span step,
                                 std::string_view id);

}  // namespace pvsplan::compiler
