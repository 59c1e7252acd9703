#include <algorithm>

#include "compiler/checks/checks.hpp"
#include "compiler/checks/codes.hpp"

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
        case Form::poison: break;
    }
    return count_violated;
}

void explain(const Facts& facts, const Requirement& r, const Decision& d, diag::Reported& reported) {
    if (!d.witness) return;
    static constexpr std::size_t most_places = 4;
    for (std::size_t i = 0; i < std::min(most_places, d.witness->nodes.size()); ++i)
        reported.related(facts.place(d.witness->nodes[i]), "`" + facts.path(d.witness->nodes[i]) + "`");
    for (const auto& [condition, truth] : d.witness->assumptions)
        reported.hint("when `" + condition + "` is " + (truth ? "true" : "false"));
    if (!r.because.empty()) reported.hint("it is asked because: " + r.because);
    if (d.fix) reported.hint("let `" + facts.path(d.fix->after) + "` wait for `" + facts.path(d.fix->before) + "`");
}

}  // namespace

void report(const Facts& facts, const std::vector<Requirement>& requirements, const std::vector<Decision>& decisions,
            diag::Sink& sink) {
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        const Requirement& r = requirements[i];
        const Decision& d = decisions[i];
        if (r.form == Form::poison) continue;
        switch (d.verdict) {
            case Verdict::holds: break;
            case Verdict::violated: {
                const bool is_waived = !r.waived_because.empty();
                auto reported = sink.report(is_waived ? requirement_waived : code_of(r.form), r.span, r.name, d.reason);
                reported.label("what is required");
                if (is_waived) reported.hint("waived because: " + r.waived_because);
                explain(facts, r, d, reported);
                break;
            }
            case Verdict::vacuous: sink.report(requirement_vacuous, r.span, r.name, d.reason); break;
            case Verdict::undecided: {
                auto reported = sink.report(requirement_undecided, r.span, r.name, d.reason);
                if (!d.missing.empty()) reported.hint("supply " + d.missing);
                break;
            }
        }
    }
}

}  // namespace pvsplan::checks
