// What the compilations of one project share: the texts that were read, and the documents that were parsed from them.
#pragma once

#include <memory>

#include "compiler/base/source.hpp"
#include "compiler/syntax/parsed.hpp"

namespace pvsplan::compiler {

// It belongs to whoever compiles the project again and again (an editor, `--fix`, several plans of one folder). Any
// number of threads may compile in one. It only grows; documents.keep_only() forgets what is parsed of old versions.
struct Workspace {
    std::shared_ptr<base::Sources> sources = std::make_shared<base::Sources>();
    syntax::ParsedDocuments documents = {};
};

}  // namespace pvsplan::compiler
