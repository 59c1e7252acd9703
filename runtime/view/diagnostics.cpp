#include "runtime/view/diagnostics.hpp"

#include <algorithm>

#include "compiler/base/counted.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/diag/render.hpp"
#include "runtime/view/schedule_text.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::view {
namespace {

constexpr std::size_t max_moments = 50;
constexpr std::size_t first_moments = 10;  // of them, when there are more: the violation is at the end

// Where the author of the project sees the node: its step, or what calls the procedure that it is in. Nowhere, if no
// file on the way is the author's own.
base::Span place_of(const compiler::Compilation& c, std::uint32_t node) {
    const diag::Place place = c.facts().finding_at(node);
    if (c.sources->is_editable(place.span)) return place.span;
    const auto found = std::find_if(place.around.begin(), place.around.end(),
                                    [&](base::Span span) { return c.sources->is_editable(span); });
    return found == place.around.end() ? base::Span() : *found;
}

// A moment without a place is told with the next one that has one, and at the end with the last.
std::vector<diag::Label> placed_moments(const compiler::Compilation& c, const checks::Witness& witness) {
    std::vector<diag::Label> placed;
    std::string before;
    for (const ScheduleMoment& moment : schedule_moments(c.facts(), witness)) {
        const base::Span place = moment.node ? place_of(c, *moment.node) : base::Span();
        base::append(before, ", then ", moment.text);
        if (place.is_nowhere()) continue;
        placed.push_back({place, std::move(before)});
        before.clear();
    }
    if (!before.empty() && !placed.empty()) placed.back().message += ", then " + before;
    if (placed.size() <= max_moments) return placed;
    const std::size_t dropped = placed.size() - max_moments;
    placed.erase(placed.begin() + first_moments, placed.begin() + static_cast<std::ptrdiff_t>(first_moments + dropped));
    placed[first_moments].message = base::counted(dropped, "more moment") + ", then " + placed[first_moments].message;
    return placed;
}

}  // namespace

// What is more than a sink keeps is counted and not printed.
void print_diagnostics(const Stream& stream, const diag::Texts& texts, const diag::Sink& sink) {
    for (const diag::Diagnostic& diagnostic : sink.sorted())
        stream.write(diag::render_text(texts, diagnostic, {.colour = stream.colour, .width = stream.width}));
    if (sink.dropped() > 0) stream.write("and " + std::to_string(sink.dropped()) + " more, which are not shown\n\n");
}

// By the name of the requirement, which is what such a finding has as its cause.
const checks::Witness* witness_of(const compiler::Compilation& c, const diag::Diagnostic& finding) {
    if (finding.cause.empty() || !c.has_graph) return nullptr;
    for (std::size_t i = 0; i < c.decisions.size() && i < c.requirements.size(); ++i) {
        const checks::Decision& decision = c.decisions[i];
        if (c.requirements[i].name == finding.cause && decision.witness &&
            decision.verdict == checks::Verdict::violated)
            return &*decision.witness;
    }
    return nullptr;
}

std::vector<diag::Diagnostic> with_schedules(const compiler::Compilation& c) {
    std::vector<diag::Diagnostic> findings = c.sink.sorted();
    for (diag::Diagnostic& finding : findings)
        if (const checks::Witness* const witness = witness_of(c, finding))
            finding.schedule = placed_moments(c, *witness);
    return findings;
}

}  // namespace pvsplan::view
