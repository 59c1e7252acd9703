// The small languages inside of scalars: expressions, texts with `${…}`, requirements, signatures, types. A
// text that does not parse is reported once and gives an error value.
#pragma once

#include "compiler/diag/diagnostic.hpp"
#include "compiler/syntax/ast.hpp"
#include "compiler/syntax/slice.hpp"

namespace pvsplan::syntax {

// Each takes all of its slice: what is left behind it is reported.
Expression read_expression(const Slice& slice, diag::Sink& sink);
RequirementText read_requirement(const Slice& slice, diag::Sink& sink);
// `is_plain` of the result is the caller's to set.
Template read_template(const Slice& slice, diag::Sink& sink);
// `s in servers`
ForEach read_loop(const Slice& slice, diag::Sink& sink);
// `upgrade(on)`
EventText read_event(const Slice& slice, diag::Sink& sink);
TypeName read_type(const Slice& slice, diag::Sink& sink);
// `down(server s)`; the condition is left as an error value. Nothing if it does not parse.
std::optional<PredicateText> read_signature(const Slice& slice, diag::Sink& sink);

// A text that is most likely meant as an expression: `first(servers)`, `servers["pvs01"]`, `on.peer`.
bool is_expression_in_words(std::string_view text);
inline constexpr std::string_view name_hint =
    "a name is of lower-case letters, digits and `_`, with single `-` between";
bool is_name(std::string_view text);         // close-consoles
bool is_reserved(std::string_view text);     // and, or, not, in, where, true, false, none
bool is_dotted_name(std::string_view text);  // pvs.server.install

}  // namespace pvsplan::syntax
