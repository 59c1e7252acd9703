// What could not be read, and which findings are most likely only consequences of that.
#pragma once

#include "compiler/diag/diagnostic.hpp"
#include "compiler/resolve/load.hpp"

namespace pvsplan::compiler {

// The documents are incomplete if a line that names others could not be read, or if a name of their own is there twice:
// one of the two was meant to have another name.
void note_losses(const diag::Sink& found, resolve::Documents& documents);

// Adds what was found in documents. If a module or policy could not be read, an unknown name is most likely one of its
// names, so it is not reported. If some entries of a document could not be read, that applies to the names that they
// may have declared; warnings are not reported either.
void keep_causes(const diag::Sink& found, const resolve::Documents& documents, diag::Sink& all);

}  // namespace pvsplan::compiler
