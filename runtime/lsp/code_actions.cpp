#include "runtime/lsp/code_actions.hpp"

#include <nlohmann/json.hpp>

#include "compiler/diag/render.hpp"
#include "compiler/diag/secrecy.hpp"
#include "runtime/lsp/json_text.hpp"

namespace pvsplan::lsp {
namespace {

using Json = nlohmann::json;

Json changes_of(const std::vector<const diag::Fix*>& fixes, Places& places) {
    Json changes = Json::object();
    for (const diag::Fix* const fix : fixes)
        for (const diag::Edit& edit : fix->edits) {
            Json& of_file = changes[places.uri(edit.span.file)];
            of_file.push_back({{"range", places.range(edit.span)}, {"newText", edit.text}});
        }
    return {{"changes", std::move(changes)}};
}

}  // namespace

std::string code_actions_json(const At& at, std::uint32_t end) {
    const diag::Texts texts = compiler::texts_of(at.compilation);
    std::vector<diag::Diagnostic> mendable;
    for (const diag::Diagnostic& finding : at.compilation.sink.sorted())
        if (diag::Diagnostic safe = diag::without_secrets(texts, finding); safe.fix && !safe.fix->edits.empty())
            mendable.push_back(std::move(safe));
    Json actions = Json::array();
    for (const diag::Diagnostic& finding : mendable) {
        const base::Span span = finding.span;
        if (span.file != at.file || span.begin > end || span.end < at.offset) continue;
        const Json told = {{"range", at.places.range(span)},
                           {"code", diag::code_text(finding.code)},
                           {"source", "pvsplan"},
                           {"message", finding.message}};
        actions.push_back({{"title", finding.fix->title},
                           {"kind", "quickfix"},
                           {"isPreferred", true},
                           {"diagnostics", Json::array({told})},
                           {"edit", changes_of({&*finding.fix}, at.places)}});
    }
    const auto together = diag::fixes_together(*at.compilation.sources, mendable);
    if (together.size() > 1)
        actions.push_back(
            {{"title", "make all " + std::to_string(together.size()) + " changes that the findings propose"},
             {"kind", "source.fixAll"},
             {"edit", changes_of(together, at.places)}});
    return json_text(actions);
}

}  // namespace pvsplan::lsp
