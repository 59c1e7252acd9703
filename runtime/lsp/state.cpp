#include "runtime/lsp/state.hpp"

namespace pvsplan::lsp {

// Words are made once for each compilation: most of them stay while one document is typed. What a document said before
// it was closed is dropped with it.
Findings State::findings() {
    Findings all;
    std::erase_if(told_, [&](const auto& one) { return !units.find(one.first); });
    for (const auto& [path, unit] : units.all()) {
        if (!unit.compilation) continue;
        Told& told = told_[path];
        if (told.compilation != unit.compilation) {
            over_ = std::move(told.compilation);
            told = {unit.compilation, {}};
            Places places(*unit.compilation->sources, unit.root, client);
            add_findings(*unit.compilation, places, told.findings);
        }
        for (const auto& [uri, findings] : told.findings) all[uri].insert(findings.begin(), findings.end());
    }
    return all;
}

}  // namespace pvsplan::lsp
