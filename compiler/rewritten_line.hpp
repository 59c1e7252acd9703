// What a line may have been meant to be: people paste plans from a word processor or a chat, and write what another
// language has.
#pragma once

#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/diag/diagnostic.hpp"

namespace pvsplan::compiler {

// Changes of the line that the finding marks, or of the one above it, the likeliest first. Lines are read here by their
// signs alone, so that each change is a guess: who asks tries it. At most one of them is right. Nothing where
// a line is too long to be one that a person has written.
std::vector<diag::Fix> rewritten(const base::Sources& sources, const diag::Diagnostic& finding);

}  // namespace pvsplan::compiler
