// What a feature looks at.
#pragma once

#include "compiler/compilation.hpp"
#include "runtime/lsp/places.hpp"

namespace pvsplan::lsp {

// A compilation that is of the texts as they are, and a place in one of its files. It is made for one request and gone
// with its answer; nothing that is returned may refer to it.
struct At {
    const compiler::Compilation& compilation;
    Places& places;            // of the same compilation: it counts lines when they are first asked for
    base::FileId file;         // one of the compilation's own
    std::uint32_t offset = 0;  // in bytes; 0 where a whole document is asked about
};

}  // namespace pvsplan::lsp
