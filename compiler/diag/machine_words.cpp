#include "compiler/diag/machine_words.hpp"

#include <algorithm>

#include "compiler/base/digest.hpp"
#include "compiler/diag/display.hpp"

namespace pvsplan::diag {

// For formats that know a message only.
std::string with_hints(const Diagnostic& d) {
    std::string text = d.message;
    if (!d.label_text.empty()) text += "\n" + d.label_text;
    if (const std::string others = d.others_text(); !others.empty()) text += "\n" + others;
    for (const std::string& hint : d.hints) text += "\nhint: " + hint;
    if (d.fix) text += "\nfix: " + d.fix->title;
    return text;
}

std::string harmless_lines(std::string_view text) {
    std::string all;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        all += (at > 0 ? "\n" : "") + harmless(text.substr(at, end - at));
        at = end + 1;
    }
    return all;
}

std::string label_text(const Texts& texts, const Label& label) {
    if (label.span.is_nowhere()) return label.message;
    return std::string(texts.path(label.span.file)) + ":" +
           std::to_string(texts.position(label.span.file, label.span.begin).line) + ": " + label.message;
}

// Without line numbers, so that a finding stays the same where lines above it change; equal ones are numbered.
std::string Fingerprints::of(const Texts& texts, const Diagnostic& d) {
    const std::string path = d.span.is_nowhere() ? "" : std::string(texts.path(d.span.file));
    const std::string what = code_text(d.code) + "\n" + path + "\n" + d.message + "\n" + d.label_text;
    return base::sha256_hex(what + "\n" + std::to_string(seen_[what]++));
}

}  // namespace pvsplan::diag
