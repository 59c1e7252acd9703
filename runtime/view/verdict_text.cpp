#include "runtime/view/verdict_text.hpp"

#include <algorithm>
#include <map>

#include "compiler/base/counted.hpp"
#include "compiler/diag/display.hpp"
#include "runtime/view/schedule_text.hpp"

namespace pvsplan::view {
namespace {

constexpr std::size_t max_stranded = 6;
// Nobody reads more of them; `--format json` has them all.
constexpr std::size_t max_witnesses = 50;
constexpr std::size_t max_no_return = 100;

// What is not known is never green.
Ink ink_of(checks::Verdict verdict) {
    switch (verdict) {
        case checks::Verdict::holds: return Ink::green;
        case checks::Verdict::violated: return Ink::red;
        default: return Ink::yellow;
    }
}

void indented(std::string& out, std::string_view words, std::uint32_t indent, std::uint32_t width) {
    for (const std::string& line : diag::wrapped(words, width > indent + 20 ? width - indent : 20))
        out += std::string(indent, ' ') + line + "\n";
}

bool has_witness(const checks::Decision& decision) {
    return decision.verdict == checks::Verdict::violated && decision.witness;
}

// The schedules that are printed, and the requirement that each was printed for.
using Printed = std::map<std::vector<std::string>, std::string>;

// A schedule that shows the violation, below its requirement; one that is printed already is named.
void witness(std::string& out, const graph::Facts& facts, const std::string& requirement,
             const checks::Decision& decision, Printed& printed, const Stream& stream) {
    std::vector<std::string> lines = schedule_lines(facts, *decision.witness);
    if (lines.empty()) return;
    std::string given;
    for (const auto& [condition, truth] : decision.witness->assumptions)
        given += (given.empty() ? " when `" : ", `") + condition + "` is " + (truth ? "true" : "false");
    lines.insert(lines.begin(), "a schedule that shows it" + given + ":");
    const auto [same, is_new] = printed.try_emplace(lines, requirement);
    if (!is_new)
        return indented(out, diag::harmless("the schedule of `" + same->second + "` shows it as well"), 13,
                        stream.width);
    for (const std::string& line : lines)
        indented(out, diag::harmless(line), &line == &lines.front() ? 13 : 15, stream.width);
}

// Each with its verdict, in the order of the plan; schedules stand below the violations that they show.
void requirements(std::string& out, const compiler::Compilation& c, const Stream& stream) {
    if (c.decisions.empty()) return;
    out += inked(stream, "Requirements", Ink::bold) + "\n";
    std::size_t witnesses = 0;
    Printed printed;
    for (std::size_t i = 0; i < c.decisions.size() && i < c.requirements.size(); ++i) {
        const program::Requirement& requirement = c.requirements[i];
        const checks::Decision& decision = c.decisions[i];
        std::string verdict(checks::name_of(decision.verdict));
        verdict.resize(std::max<std::size_t>(verdict.size(), 9), ' ');
        out += "  " + inked(stream, verdict, ink_of(decision.verdict)) + "  " + diag::harmless(requirement.name) + "\n";
        if (!requirement.waived_because.empty())
            indented(out, "waived: " + requirement.waived_because, 13, stream.width);
        if (has_witness(decision) && ++witnesses <= max_witnesses)
            witness(out, c.facts(), requirement.name, decision, printed, stream);
    }
    if (witnesses > max_witnesses)
        indented(out,
                 "of " + std::to_string(witnesses) + " schedules that show a violation the first " +
                     std::to_string(max_witnesses) + " are printed; `--format json` has them all",
                 2, stream.width);
    out += "\n";
}

// "every step can be undone" only where each point of failure was looked at.
void rollback(std::string& out, const compiler::Compilation& c, const Stream& stream) {
    if (!c.has_graph || !c.rollback) return;
    out += inked(stream, "Rollback", Ink::bold) + "\n";
    const std::size_t points = c.rollback->no_return.size();
    for (std::size_t i = 0; i < std::min(points, max_no_return); ++i) {
        const auto& point = c.rollback->no_return[i];
        std::string words = "no rollback past `" + c.facts().path(point.node) + "`: " + point.why;
        if (!point.stranded.empty()) {
            words += "; " + base::counted(point.stranded.size(), "step") + " before it " +
                     (point.stranded.size() == 1 ? "stays" : "stay") + " done: ";
            for (std::size_t at = 0; at < std::min(point.stranded.size(), max_stranded); ++at)
                words += (at == 0 ? "" : ", ") + c.facts().path(point.stranded[at]);
            if (point.stranded.size() > max_stranded) words += ", …";
        }
        indented(out, words, 2, stream.width);
    }
    if (points > max_no_return)
        indented(out,
                 "no rollback past " + std::to_string(points - max_no_return) + " more; `--format json` has them all",
                 2, stream.width);
    if (points == 0)
        indented(out,
                 c.rollback->complete ? "every step can be undone, from each of " +
                                            base::counted(c.rollback->points, "point") + " of failure"
                                      : "not complete: see what is said above",
                 2, stream.width);
    out += "\n";
}

}  // namespace

// A blank before the bracket is part of a condition, and no name of a predicate.
std::string state_word(const program::StateDemand& state) {
    const std::size_t open = state.text.find('(');
    const std::size_t blank = state.text.find(' ');
    return open != std::string::npos && open < blank ? state.text.substr(0, open) : state.text;
}

// The last line is the answer; it names the file as it can be typed from here.
std::string verdict_text(const PlanReport& report, const Stream& stream) {
    const compiler::Compilation& c = report.compilation;
    std::string out;
    requirements(out, c, stream);
    rollback(out, c, stream);
    const std::string file = diag::harmless(report.prefix + report.plan);
    const std::string counts = diag::count_text(c.sink.all());
    std::string size;
    if (!c.alone.empty()) size = " (" + c.alone + ")";
    if (c.has_graph)
        size = " (" + base::counted(c.nodes, "node") + ", " +
               (c.edges == 1 ? std::string("1 dependency") : std::to_string(c.edges) + " dependencies") + ")";
    if (c.ok()) {
        out += inked(stream, "ok", Ink::green) + ": " + file + size + (counts.empty() ? "" : ", " + counts) + "\n";
    } else {
        out += inked(stream, "not ok", Ink::red) + ": " + file + size + ": " + counts + "\n";
    }
    return out;
}

}  // namespace pvsplan::view
