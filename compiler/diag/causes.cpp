#include "compiler/diag/causes.hpp"

#include <algorithm>
#include <map>

namespace pvsplan::diag {
namespace {

// The place is only final now, when findings point at what can be changed.
void name_its_place(Diagnostic& d) {
    const std::string place = fmt::format("{}:{}", d.span.is_nowhere() ? 0 : d.span.file.value + 1, d.span.begin);
    for (std::string& remedy : d.remedies)
        if (remedy.starts_with(at_its_place)) remedy += place;
}

// Whether one change would mend both.
bool have_one_in_common(const Diagnostic& a, const Diagnostic& b) {
    return std::any_of(a.remedies.begin(), a.remedies.end(), [&](const std::string& remedy) {
        return std::find(b.remedies.begin(), b.remedies.end(), remedy) != b.remedies.end();
    });
}

// An error keeps its place, at which it can be looked up; of warnings a few names are kept, the rest is counted.
void absorb(Diagnostic& first, const Diagnostic& other) {
    static constexpr std::size_t max_named = 3;
    if (other.severity == Severity::error) {
        first.related.push_back({other.span, other.message});
    } else if (first.severity != Severity::error) {
        const std::string& name = other.cause.empty() ? other.instance : other.cause;
        if (first.others.size() < max_named && !name.empty()) first.others.push_back(name);
        first.other_count += 1 + other.other_count;
    }
}

// Equal messages at so many places are most likely one slip: a name misspelt throughout, or a column.
void bound_same(Sink& sink) {
    static constexpr std::size_t max_same = 10;
    std::map<std::pair<int, std::string>, std::size_t> count;
    sink.change_each([&](Diagnostic& d) {
        if (++count[{d.code, d.message}] > max_same) d.is_consequence = true;
    });
    sink.change_each([&](Diagnostic& d) {
        const auto found = count.find({d.code, d.message});
        if (d.is_consequence || found == count.end()) return;
        if (found->second > max_same)
            d.hints.push_back("so it is at " + std::to_string(found->second - max_same) + " more places");
        count.erase(found);
    });
    sink.erase_if([](const Diagnostic& d) { return d.is_consequence; });
}

}  // namespace

// By severity, so that an error is never hidden behind a warning. Quadratic in the causes, of which there are few: what
// shares one is gone at once.
void join_causes(Sink& sink) {
    sink.change_each(name_its_place);
    std::vector<Diagnostic*> firsts;
    for (const Severity severity : {Severity::error, Severity::warning, Severity::note})
        sink.change_each([&](Diagnostic& d) {
            if (d.severity != severity || d.remedies.empty()) return;
            const auto first = std::find_if(firsts.begin(), firsts.end(),
                                            [&](const Diagnostic* f) { return have_one_in_common(*f, d); });
            if (first == firsts.end()) {
                firsts.push_back(&d);
            } else {
                absorb(**first, d);
                d.is_consequence = true;
            }
        });
    sink.erase_if([](const Diagnostic& d) { return d.is_consequence; });
    bound_same(sink);
}

}  // namespace pvsplan::diag
