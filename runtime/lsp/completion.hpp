// What may be typed at the cursor.
#pragma once

#include <memory>
#include <string>

#include "compiler/compilation.hpp"
#include "runtime/lsp/places.hpp"

namespace pvsplan::lsp {

struct CompletionRequest {
    const Lines& lines;  // of the document
    std::uint32_t offset = 0;
    const std::string& root;                       // of its project
    const std::string& path;                       // below that
    const compiler::Compilation* known = nullptr;  // the newest that knows kinds; null: there was none
};

// What is offered, as a list.
std::string completion_json(const CompletionRequest& request);

}  // namespace pvsplan::lsp
