// What may be typed at the cursor.
#pragma once

#include <memory>
#include <string>

#include "compiler/compilation.hpp"
#include "runtime/lsp/places.hpp"

namespace pvsplan::lsp {

// The text is as it is now, and `known` may be of an older one: names come from it, places never.
struct CompletionRequest {
    const Lines& lines;                            // of the document
    std::uint32_t offset = 0;                      // of the cursor, in bytes
    const std::string& root;                       // of its project
    const std::string& path;                       // below that
    const compiler::Compilation* known = nullptr;  // the newest that knows kinds; null: there was none
};

// What is offered, as a list; `isIncomplete` where there would be more than are sent. Nothing of a text makes it fail:
// what cannot be understood gets an empty list.
std::string completion_json(const CompletionRequest& request);

}  // namespace pvsplan::lsp
