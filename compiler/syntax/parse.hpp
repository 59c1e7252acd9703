// bytes -> located tree -> typed AST. One call reports everything that is wrong with a text. What could not be read is
// an error value, which later stages accept in silence.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"
#include "compiler/syntax/ast.hpp"

namespace pvsplan::syntax {

using Document = std::variant<PlanDocument, FarmDocument, ModuleDocument, PolicyDocument>;

// Names that were possibly declared in what could not be read.
using LostNames = std::set<std::string, std::less<>>;

// The document in `file`; nothing if it is not even one of the four. Never throws. Time and memory are linear in the
// bytes, also for aliases (whose expansion is bounded).
std::optional<Document> parse(const base::Sources& sources, base::FileId file, diag::Sink& sink,
                              LostNames* lost = nullptr);

// A file of values by their names, as `--parameters` takes it.
std::vector<NamedValue> parse_values(const base::Sources& sources, base::FileId file, diag::Sink& sink);

// One expression / requirement that stands at `span` of a text (for --set, tests and the tools that ask about a place).
Expression parse_expression(const base::Sources& sources, base::Span span, diag::Sink& sink);
RequirementText parse_requirement(const base::Sources& sources, base::Span span, diag::Sink& sink);

}  // namespace pvsplan::syntax
