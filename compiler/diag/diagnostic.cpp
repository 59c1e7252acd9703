#include "compiler/diag/diagnostic.hpp"

#include <algorithm>
#include <tuple>

namespace pvsplan::diag {

std::string_view name_of(Severity severity) {
    switch (severity) {
        case Severity::error: return "error";
        case Severity::warning: return "warning";
        case Severity::note: return "note";
    }
    return "error";
}

std::string code_text(int code) { return fmt::format("PV{:04}", code); }

Reported Sink::add(Diagnostic diagnostic) {
    if (diagnostic.severity == Severity::error) ++errors_;
    if (all_.size() >= most) {
        ++dropped_;
        overflow_ = std::move(diagnostic);
        return Reported(overflow_);
    }
    all_.push_back(std::move(diagnostic));
    return Reported(all_.back());
}

std::vector<Diagnostic> Sink::sorted() const {
    std::vector<Diagnostic> result = all_;
    const auto key = [](const Diagnostic& d) {
        const std::uint32_t file = d.span.is_nowhere() ? 0 : d.span.file.value + 1;
        return std::tuple(file, d.span.begin, d.code);
    };
    std::stable_sort(result.begin(), result.end(),
                     [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
    return result;
}

}  // namespace pvsplan::diag
