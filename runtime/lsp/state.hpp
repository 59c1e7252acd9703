// What the server knows: the editor, the texts that are open, and what was compiled of them.
#pragma once

#include <string>
#include <vector>

#include "runtime/lsp/documents.hpp"
#include "runtime/lsp/places.hpp"
#include "runtime/lsp/units.hpp"

namespace pvsplan::lsp {

struct State {
    Client client;
    Documents documents;
    Units units;
    std::vector<std::string> to_tell;  // messages that go out before an answer

    explicit State(Inbox& inbox) : units(inbox) {}
};

}  // namespace pvsplan::lsp
