// What the server knows: the editor, the texts that are open, and what was compiled of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/lsp/diagnostics.hpp"
#include "runtime/lsp/documents.hpp"
#include "runtime/lsp/places.hpp"
#include "runtime/lsp/units.hpp"

namespace pvsplan::lsp {

// Used by the thread that answers; the worker sees only what it is handed.
struct State {
    Client client;                     // the editor
    Documents documents;               // texts that are open
    Units units;                       // what is compiled of them
    std::vector<std::string> to_tell;  // messages that go out before an answer

    explicit State(Inbox& inbox) : units(inbox) {}

    // What all compilations say of all files. What one says is put into words once.
    Findings findings();
    // From here on files are called otherwise.
    void forget_findings() { told_.clear(); }
    // What is over goes when nobody waits: a large compilation takes a while to go.
    void let_go() { over_ = nullptr; }

  private:
    struct Told {
        std::shared_ptr<const compiler::Compilation> compilation;
        Findings findings;
    };
    std::map<std::string, Told> told_;  // by the path of the unit
    std::shared_ptr<const compiler::Compilation> over_;
};

}  // namespace pvsplan::lsp
