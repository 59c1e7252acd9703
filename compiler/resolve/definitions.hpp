// Reads the definitions of modules in the order of their dependencies: kinds, then names and signatures, then bodies.
#pragma once

#include "compiler/resolve/blocks.hpp"
#include "compiler/resolve/load.hpp"

namespace pvsplan::resolve {

// Kinds with their attributes. The farm comes next: expressions name its objects.
void define_kinds(const Documents& documents, Model& model, Expressions& expressions, diag::Sink& sink);
// Predicates; names and parameters of actions and procedures; then what they are made of.
void define_predicates(const Documents& documents, Model& model, Expressions& expressions, diag::Sink& sink);
void define_signatures(const Documents& documents, Model& model, Expressions& expressions, const base::Sources& sources,
                       diag::Sink& sink);
// Comes last: a body may call whatever has a signature, in this module or another.
void define_bodies(const Documents& documents, const base::Sources& sources, Model& model, Expressions& expressions,
                   Blocks& blocks, diag::Sink& sink);

// Without its default.
Parameter parameter_of(const syntax::Parameter& source, Expressions& expressions);
std::vector<Parameter> parameters_of(const std::vector<syntax::Parameter>& source, Expressions& expressions);
// A frame with `on` as variable 0 and the parameters after it.
Scope frame_of(const Model& model, KindId on, const std::vector<Parameter>& parameters, std::uint32_t& locals);
// The same for a definition, whose `locals` is kept up to date as the scope is used.
Scope frame_of(const Model& model, Action& action);
Scope frame_of(const Model& model, Procedure& procedure);

}  // namespace pvsplan::resolve
