#include <algorithm>

#include "compiler/checks/checks.hpp"
#include "compiler/checks/codes.hpp"
#include "compiler/checks/remedy.hpp"
#include "compiler/diag/causes.hpp"

namespace pvsplan::checks {
namespace {

using graph::Facts;

const Declared<Name, Words>& code_of(Form form) {
    switch (form) {
        case Form::before: return before_violated;
        case Form::then: return then_violated;
        case Form::during: return while_violated;
        case Form::always: return always_violated;
        case Form::never: return never_violated;
        case Form::finally_: return finally_violated;
        case Form::count:
        case Form::error: break;
    }
    return count_violated;
}

// Where to report it: at the step that could be changed. If no step does what is missing, at the entry of the plan that
// asks for the requirement.
graph::Facts::Between where(const Facts& facts, const program::RequirementPlaces& places, const Decision& d) {
    if (d.fails) return {facts.finding_on_failure(*d.fails), ""};
    if (d.step && d.other) {
        graph::Facts::Between between = facts.found_between(*d.other, *d.step);
        if (!d.fix) between.way_out.clear();
        return between;
    }
    if (d.step) return {facts.finding_at(*d.step), ""};
    return {places.asked_at.is_nowhere() ? places.whole : places.asked_at, ""};
}

std::string required(const Requirement& r) {
    return "what is required" + (r.because.empty() ? "" : ", because: " + r.because);
}

void explain(const Facts& facts, const Requirement& r, base::Span whole, const Decision& d, diag::Reported& reported) {
    reported.related(whole, required(r));
    if (!d.witness) return;
    static constexpr std::size_t max_places = 4;
    for (std::size_t i = 0; i < std::min(max_places, d.witness->nodes.size()); ++i)
        reported.related(facts.place(d.witness->nodes[i]), "`" + facts.path(d.witness->nodes[i]) + "`");
    for (const auto& [condition, truth] : d.witness->assumptions)
        reported.hint("when `" + condition + "` is " + (truth ? "true" : "false"));
}

}  // namespace

// A requirement that could not be read says nothing here: its text was reported. A waived one is a warning, with why it
// was waived.
void report(const Facts& facts, const graph::Vocabulary& vocabulary, const Requirement& r,
            const program::RequirementPlaces& places, const Decision& d, diag::Sink& sink) {
    if (r.demand.form == Form::error) return;
    // A finding about the requirement alone stands at its text, or where the plan asks for it.
    const diag::Place asked = diag::Place(places.whole, {places.asked_at}).because_of(r.name);
    Remedy lacking = remedy({facts, vocabulary}, r, d);
    switch (d.verdict) {
        case Verdict::holds: break;
        case Verdict::violated: {
            const bool is_waived = !r.waived_because.empty();
            graph::Facts::Between found = where(facts, places, d);
            found.place.instance.clear();
            found.place.cause = r.name;
            auto reported = sink.report(is_waived ? requirement_waived : code_of(r.demand.form), found.place,
                                        diag::Name(r.name), diag::Words(d.reason));
            if (is_waived) reported.hint("waived because: " + r.waived_because);
            explain(facts, r, places.whole, d, reported);
            reported.hint(lacking.text);
            reported.hint(found.way_out).between(found.steps);
            // A step that violates several requirements is one mistake; if two steps have the wrong order, either may
            // be the mistake.
            if (d.step || d.fails) lacking.names.emplace_back(diag::at_its_place);
            for (const auto& node : {d.step, d.fix ? std::nullopt : d.other})
                if (node) lacking.names.push_back("step " + facts.path(*node));
            if (!is_waived) reported.remedies(std::move(lacking.names));
            break;
        }
        case Verdict::vacuous:
            sink.report(requirement_vacuous, asked, diag::Name(r.name), diag::Words(d.reason))
                .hint(lacking.text)
                .remedies(std::move(lacking.names));
            break;
        case Verdict::undecided: {
            auto reported = sink.report(requirement_undecided, asked, diag::Name(r.name), diag::Words(d.reason));
            if (d.missing.empty()) break;
            reported.hint("supply " + d.missing);
            reported.remedies({"supply " + d.missing});
            break;
        }
    }
}

}  // namespace pvsplan::checks
