#include "compiler/diag/collected.hpp"

#include <algorithm>

namespace pvsplan::diag {
namespace {

bool is_same(const Label& a, const Label& b) { return a.span == b.span && a.message == b.message; }

// A module that many plans use is found fault with once for all of them.
bool is_same(const Diagnostic& a, const Diagnostic& b) {
    return a.code == b.code && a.span == b.span && a.message == b.message && a.label_text == b.label_text &&
           a.hints == b.hints && a.related.size() == b.related.size() &&
           std::equal(a.related.begin(), a.related.end(), b.related.begin(),
                      [](const Label& x, const Label& y) { return is_same(x, y); });
}

}  // namespace

// Spans are moved into texts of its own, so that the compilations may go. What is equal in all that people see is one
// finding.
void Collected::add(const Texts& texts, std::span<const Diagnostic> findings, const std::string& plan) {
    std::map<base::FileId, base::FileId> here;
    const auto move = [&](base::Span& span) {
        if (span.is_nowhere()) return;
        const auto [known, is_new] = here.try_emplace(span.file);
        if (is_new)
            known->second = sources_.add(texts.path(span.file), std::string(texts.text(span.file)),
                                         texts.sources().belongs(span.file));
        span.file = known->second;
    };
    for (base::Span secret : texts.secrets()) {
        move(secret);
        secrets_.push_back(secret);
    }
    for (Diagnostic d : findings) {
        move(d.span);
        if (d.span.is_nowhere()) d.span = {sources_.add(plan, ""), 0, 0};
        for (Label& label : d.related) move(label.span);
        for (Label& moment : d.schedule) move(moment.span);
        if (d.fix)
            for (Edit& edit : d.fix->edits) move(edit.span);
        std::vector<std::size_t>& alike = by_message_[d.message];
        if (std::any_of(alike.begin(), alike.end(), [&](std::size_t i) { return is_same(all_[i], d); })) continue;
        alike.push_back(all_.size());
        all_.push_back(std::move(d));
    }
}

}  // namespace pvsplan::diag
