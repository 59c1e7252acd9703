#include "runtime/lsp/code_actions.hpp"

#include <nlohmann/json.hpp>

#include "compiler/diag/render.hpp"
#include "compiler/diag/secrecy.hpp"
#include "runtime/lsp/json_text.hpp"

namespace pvsplan::lsp {
namespace {

using Json = nlohmann::json;

enum class Preferred : std::uint8_t { no, yes };

// A WorkspaceEdit by `changes`: an editor makes all of it or nothing.
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

// An action is offered for each finding that the range touches, be it by its end. Findings are taken without their
// secrets, so that neither a title nor a message holds one. One action makes all fixes that can be made together,
// whatever the range is: an editor asks for it on saving.
std::string code_actions_json(const At& at, std::uint32_t end) {
    const diag::Texts texts = compiler::texts_of(at.compilation);
    std::vector<diag::Diagnostic> mendable;
    Json actions = Json::array();
    for (const diag::Diagnostic& with_secrets : at.compilation.sink.sorted()) {
        const diag::Diagnostic finding = diag::without_secrets(texts, with_secrets);
        const bool has_fix = finding.fix && !finding.fix->edits.empty();
        if (has_fix) mendable.push_back(finding);
        const base::Span span = finding.span;
        if (span.file != at.file || span.begin > end || span.end < at.offset) continue;
        const Json told = {{"range", at.places.range(span)},
                           {"code", diag::code_text(finding.code)},
                           {"source", "pvsplan"},
                           {"message", finding.message}};
        const auto offer = [&](const diag::Fix& fix, Preferred preferred) {
            actions.push_back({{"title", fix.title},
                               {"kind", "quickfix"},
                               {"isPreferred", preferred == Preferred::yes},
                               {"diagnostics", Json::array({told})},
                               {"edit", changes_of({&fix}, at.places)}});
        };
        if (has_fix) offer(*finding.fix, Preferred::yes);
        // Of several, only the author knows which one is right.
        for (const diag::Fix& fix : finding.proposals)
            if (!has_fix || fix.title != finding.fix->title)
                offer(fix, !has_fix && finding.proposals.size() == 1 ? Preferred::yes : Preferred::no);
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
