// What is told of keys, names and types, as Markdown or in a line.
#pragma once

#include <string>

#include "compiler/compilation.hpp"
#include "grammar/shapes.hpp"

namespace pvsplan::lsp {

// "a list of steps", "`true` or `false`", "an expression".
std::string key_type(const grammar::Key& key);
// "`[running, stopped]`, `stopped` if it is not given".
std::string attribute_text(const resolve::Model& model, const resolve::Attribute& attribute);
std::string parameter_text(const resolve::Model& model, const resolve::Parameter& parameter);

// What an action needs, sets and does, how it is undone and how long it takes.
std::string action_doc(const compiler::Compilation& compilation, const resolve::Action& action);
std::string procedure_doc(const compiler::Compilation& compilation, const resolve::Procedure& procedure);
std::string kind_doc(const compiler::Compilation& compilation, const resolve::Kind& kind);
std::string object_doc(const compiler::Compilation& compilation, const resolve::Object& object);

// "holds: at most 1 at once", and why it is required.
std::string verdict_doc(const compiler::Compilation& compilation, std::size_t requirement);

// "12 m", "1 h 30 m".
std::string duration_text(std::int64_t milliseconds);

}  // namespace pvsplan::lsp
