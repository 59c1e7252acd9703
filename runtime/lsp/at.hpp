// What a feature looks at.
#pragma once

#include "compiler/compilation.hpp"
#include "runtime/lsp/places.hpp"

namespace pvsplan::lsp {

// A compilation that is of the texts as they are, and a place in one of its files.
struct At {
    const compiler::Compilation& compilation;
    Places& places;
    base::FileId file;
    std::uint32_t offset = 0;
};

}  // namespace pvsplan::lsp
