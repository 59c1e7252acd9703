#include <algorithm>
#include <map>
#include <vector>

#include "compiler/diag/render.hpp"

namespace pvsplan::diag {
namespace {

// Two insertions at one place do overlap: neither was checked together with the other.
bool overlap(base::Span a, base::Span b) {
    return a.file == b.file && (a.begin == b.begin || (a.begin < b.end && b.begin < a.end));
}

// A text as what stays of the original and what is new between.
class Pieces {
  public:
    explicit Pieces(std::string_view original) : size_(original.size()) { pieces_.push_back({0, original.size(), ""}); }

    // `begin` and `end` are offsets in the text as it is now.
    void replace(std::size_t begin, std::size_t end, const std::string& text) {
        std::vector<Piece> changed;
        std::size_t at = 0;
        bool is_placed = false;
        for (const Piece& piece : pieces_) {
            const std::size_t size = piece.size();
            if (begin > at) changed.push_back(piece.part(0, std::min(size, begin - at)));
            if (!is_placed && begin <= at + size) {
                changed.push_back({0, 0, text});
                is_placed = true;
            }
            if (end < at + size) changed.push_back(piece.part(end > at ? end - at : 0, size));
            at += size;
        }
        pieces_ = std::move(changed);
    }

    [[nodiscard]] std::vector<Edit> edits(base::FileId file) const {
        std::vector<Edit> edits;
        std::size_t kept_end = 0;
        std::string text;
        const auto close = [&](std::size_t next) {
            if (next > kept_end || !text.empty())
                edits.push_back({{file, static_cast<std::uint32_t>(kept_end), static_cast<std::uint32_t>(next)}, text});
            text.clear();
        };
        for (const Piece& piece : pieces_) {
            text += piece.text;
            if (piece.begin == piece.end) continue;
            close(piece.begin);
            kept_end = piece.end;
        }
        close(size_);
        return edits;
    }

  private:
    struct Piece {  // either a range of the original or a new text
        std::size_t begin;
        std::size_t end;
        std::string text;
        [[nodiscard]] std::size_t size() const { return end - begin + text.size(); }
        [[nodiscard]] Piece part(std::size_t from, std::size_t to) const {
            return text.empty() ? Piece{begin + from, begin + to, ""} : Piece{0, 0, text.substr(from, to - from)};
        }
    };
    std::vector<Piece> pieces_;
    std::size_t size_;
};

// An edit moves all that is behind it, so that the last one comes first.
std::vector<Edit> from_the_end(const Fix& fix) {
    std::vector<Edit> edits = fix.edits;
    std::stable_sort(edits.begin(), edits.end(),
                     [](const Edit& a, const Edit& b) { return a.span.begin > b.span.begin; });
    return edits;
}

}  // namespace

// Both have to fit together: their edits do not overlap.
Fix in_one(const base::Sources& sources, const Fix& first, const Fix& second) {
    std::map<base::FileId, Pieces> texts;
    for (const Fix* fix : {&first, &second})
        for (const Edit& edit : from_the_end(*fix))
            texts.try_emplace(edit.span.file, sources.text(edit.span.file))
                .first->second.replace(edit.span.begin, edit.span.end, edit.text);
    Fix both{.title = first.title + ", " + second.title};
    for (const auto& [file, pieces] : texts)
        for (Edit& edit : pieces.edits(file)) both.edits.push_back(std::move(edit));
    return both;
}

// A fix is taken whole or not at all: half of one is a change that nobody tried.
std::vector<const Fix*> fixes_together(const base::Sources& sources, std::span<const Diagnostic> diagnostics) {
    std::vector<const Fix*> fixes;
    std::vector<const Edit*> accepted;
    for (const Diagnostic& d : diagnostics) {
        if (!d.fix) continue;
        const auto& edits = d.fix->edits;
        const bool fits = std::none_of(edits.begin(), edits.end(), [&](const Edit& edit) {
            return !sources.is_editable(edit.span) ||
                   std::any_of(accepted.begin(), accepted.end(),
                               [&](const Edit* other) { return overlap(edit.span, other->span); });
        });
        if (!fits) continue;
        for (const Edit& edit : edits) accepted.push_back(&edit);
        fixes.push_back(&*d.fix);
    }
    return fixes;
}

std::map<base::FileId, std::string> apply_fixes(const base::Sources& sources, std::span<const Diagnostic> diagnostics) {
    std::vector<const Edit*> accepted;
    for (const Fix* fix : fixes_together(sources, diagnostics))
        for (const Edit& edit : fix->edits) accepted.push_back(&edit);
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
