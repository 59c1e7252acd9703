#include <algorithm>
#include <map>
#include <vector>

#include "compiler/diag/render.hpp"

namespace pvsplan::diag {
namespace {

// Two insertions at one place do not overlap: both are kept, in order.
bool overlap(base::Span a, base::Span b) { return a.file == b.file && a.begin < b.end && b.begin < a.end; }

}  // namespace

std::map<base::FileId, std::string> apply_fixes(const base::SourceMap& sources,
                                                std::span<const Diagnostic> diagnostics) {
    std::vector<const Edit*> accepted;
    for (const Diagnostic& d : diagnostics) {
        if (!d.fix) continue;
        const auto& edits = d.fix->edits;
        const bool fits = std::none_of(edits.begin(), edits.end(), [&](const Edit& edit) {
            return edit.span.is_nowhere() || sources.path(edit.span.file).starts_with("stdlib/") ||
                   std::any_of(accepted.begin(), accepted.end(), [&](const Edit* other) {
                       return overlap(edit.span, other->span) || (edit.span == other->span && edit.text == other->text);
                   });
        });
        if (!fits) continue;
        for (const Edit& edit : edits) accepted.push_back(&edit);
    }
    // From the end, so that offsets stay right.
    std::stable_sort(accepted.begin(), accepted.end(),
                     [](const Edit* a, const Edit* b) { return a->span.begin > b->span.begin; });
    std::map<base::FileId, std::string> texts;
    for (const Edit* edit : accepted) {
        const auto [at, is_new] = texts.try_emplace(edit->span.file);
        if (is_new) at->second = sources.text(edit->span.file);
        at->second.replace(edit->span.begin, edit->span.end - edit->span.begin, edit->text);
    }
    return texts;
}

}  // namespace pvsplan::diag
