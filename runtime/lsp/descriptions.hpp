// What is told of keys, names and types, as Markdown or in a line.
#pragma once

#include <string>

#include "compiler/compilation.hpp"

namespace pvsplan::lsp {

// "`[running, stopped]`, `stopped` if it is not given". One line: the type, what holds where it is not given, what it
// is for.
std::string attribute_text(const resolve::Model& model, const resolve::Attribute& attribute);
std::string parameter_text(const resolve::Model& model, const resolve::Parameter& parameter);

// What an action needs, sets and does, how it is undone and how long it takes.
std::string action_doc(const compiler::Compilation& compilation, const resolve::Action& action);
// What it takes, and what it is made of.
std::string procedure_doc(const compiler::Compilation& compilation, const resolve::Procedure& procedure);
// Its attributes and its states, and how many objects the farm has.
std::string kind_doc(const compiler::Compilation& compilation, const resolve::Kind& kind);
// Its values, and its states before a run; secrets are left out.
std::string object_doc(const compiler::Compilation& compilation, const resolve::Object& object);

// "holds: at most 1 at once", and why it is required. Markdown. `requirement` is an index of Compilation::requirements;
// while there are errors none is decided, which is said.
std::string verdict_doc(const compiler::Compilation& compilation, std::size_t requirement);

}  // namespace pvsplan::lsp
