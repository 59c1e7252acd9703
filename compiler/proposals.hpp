// Changes that repair a finding in one way of several. Only the author knows which is the right one.
#pragma once

#include <memory>
#include <stop_token>

#include "compiler/base/files.hpp"
#include "compiler/compilation.hpp"

namespace pvsplan::compiler {

// The same compilation, with `proposals` at its findings: the word that was meant, the order of two steps, an
// indentation. Each was tried: with it the finding is gone, and there is no other error but those of later stages,
// which could not be seen before. The number of trials is bounded. `files` are those that were compiled; what could not
// be read because of an error is read then.
std::shared_ptr<const Compilation> with_proposals(const std::shared_ptr<const Compilation>& compilation,
                                                  const base::Files& files, const std::stop_token& stop = {});

}  // namespace pvsplan::compiler
