#include <algorithm>
#include <map>
#include <set>

#include "compiler/checks/checks.hpp"
#include "compiler/checks/codes.hpp"
#include "compiler/checks/guard_reads.hpp"
#include "compiler/schedule/reach.hpp"
#include "compiler/schedule/state_variables.hpp"
#include "compiler/schedule/timeline.hpp"

namespace pvsplan::checks {

using graph::Facts;
using graph::Index;
using schedule::Pair;
using schedule::reach;
using schedule::variable_text;
using schedule::variables_read;
using schedule::writers_by_variable;
namespace {

// Two nodes whose guards exclude each other never both run, so they cannot race.
bool exclude_each_other(const Facts& facts, Index a, Index b) {
    if (facts.guard[a] == graph::no_guard && facts.guard[b] == graph::no_guard) return false;
    graph::GuardValues wanted;  // contradictory if a node needs both values of a variable: then it never runs
    for (const Index node : {a, b})
        for (graph::GuardIndex g = facts.guard[node]; g != graph::no_guard; g = facts.guards[g].parent)
            wanted.emplace_back(facts.guards[g].variable, facts.guards[g].value);
    return !facts.guard_domain.can_be(wanted);
}

// Whether the writer and the evaluation of the guard are ordered in every run.
bool is_ordered(const Facts& facts, const GuardRead& one) {
    std::vector<Pair> before;
    std::vector<Pair> after;
    for (const Index node : one.first) {
        before.push_back({one.writer, node});
        after.push_back({node, one.writer});
    }
    const std::vector<bool> is_before = reach(facts, before);
    const std::vector<bool> is_after = reach(facts, after);
    // The writer comes before all of them, or after at least one: the condition is decided by then.
    return std::find(is_before.begin(), is_before.end(), false) == is_before.end() ||
           std::find(is_after.begin(), is_after.end(), true) != is_after.end();
}

// The number of races; each pair of a condition and a writer is told once, whatever states they share.
std::size_t check_conditions(const Facts& facts, const graph::Rows<Index>& writers, diag::Sink& sink) {
    std::set<std::pair<graph::GuardIndex, Index>> said;
    for (const GuardRead& one : guard_reads(facts, writers)) {
        if (exclude_each_other(facts, one.writer, one.first[0]) || is_ordered(facts, one)) continue;
        if (!said.insert({one.guard, one.writer}).second) continue;
        const Index node = one.first[0];
        const Facts::Between between = facts.found_between(std::min(node, one.writer), std::max(node, one.writer));
        sink.report(race_of_condition, between.place, diag::StepPath(facts.path(node)),
                    diag::Name(variable_text(facts, one.variable)), diag::OtherStep(facts.path(one.writer)))
            .related(facts.guards[one.guard].place, "what decides whether it runs")
            .related(facts.place(one.writer), "`" + facts.path(one.writer) + "` changes it")
            .hint(between.way_out.empty() ? "" : "say which comes first: " + between.way_out)
            .between(between.steps);
    }
    return said.size();
}

// Pairs that have to be ordered, and why.
struct Questions {
    struct Why {
        graph::StateVariable variable;
        Index reader = graph::no_index;  // none: two writers
    };
    std::vector<Pair> pairs;
    std::vector<Why> why;  // parallel to pairs

    void ask(Index a, Index b, Why of) {
        if (a == b) return;
        pairs.push_back({std::min(a, b), std::max(a, b)});
        why.push_back(of);
    }
};

constexpr std::size_t cost_of_a_pair = 16;

// Asks about neighbouring writers of each state variable: if each comes after the one before, all are ordered. Writers
// that exclude each other need no order, and then neighbours do not speak for all: every pair is asked about. By
// variable whether that is so.
std::vector<bool> ask_writers(const Facts& facts, const graph::Rows<Index>& writers, Questions& questions) {
    std::vector<bool> has_excluded(writers.size(), false);
    for (graph::StateVariable variable = 0; variable < writers.size(); ++variable) {
        const auto row = writers[variable];
        for (std::size_t i = 0; i + 1 < row.size(); ++i)
            if (exclude_each_other(facts, row[i], row[i + 1])) has_excluded[variable] = true;
        if (!has_excluded[variable])
            for (std::size_t i = 0; i + 1 < row.size(); ++i) questions.ask(row[i], row[i + 1], {variable});
        else
            for (std::size_t i = 0; i < row.size(); ++i)
                for (std::size_t j = i + 1; j < row.size() && facts.budget.charge(cost_of_a_pair); ++j)
                    questions.ask(row[i], row[j], {variable});
    }
    return has_excluded;
}

// What a step requires must have one value when it starts, whatever the order.
void ask_reader(const Facts& facts, const graph::RequireFact& fact, const graph::Rows<Index>& writers,
                const std::vector<bool>& has_excluded, Questions& questions) {
    const Index reader = fact.node;
    for (const graph::StateVariable variable : variables_read(facts, fact)) {
        // The writers are ordered, so the reader has to be compared with its two neighbours among them only.
        const auto row = writers[variable];
        if (has_excluded[variable]) {
            for (const Index writer : row)
                if (facts.budget.charge(cost_of_a_pair)) questions.ask(writer, reader, {variable, reader});
            continue;
        }
        // A step that writes what it requires reads the value before its own change, so it is compared with the next
        // one.
        const auto next = std::lower_bound(row.begin(), row.end(), reader);
        if (next != row.begin()) questions.ask(*(next - 1), reader, {variable, reader});
        const auto after = next != row.end() && *next == reader ? next + 1 : next;
        if (after != row.end()) questions.ask(reader, *after, {variable, reader});
    }
}

// Stands where an order between the two would be written, and shows both.
void report_race(const Facts& facts, const Pair& pair, const Questions::Why& why, diag::Sink& sink) {
    const auto [a, b] = pair;
    const Facts::Between between = facts.found_between(a, b);
    const std::string hint = between.way_out.empty() ? "" : "say which comes first: " + between.way_out;
    const std::string variable = variable_text(facts, why.variable);
    if (why.reader == graph::no_index) {
        sink.report(race_of_writers, between.place, diag::StepPath(facts.path(a)), diag::OtherStep(facts.path(b)),
                    diag::Name(variable))
            .related(facts.place(a), "`" + facts.path(a) + "`")
            .related(facts.place(b), "`" + facts.path(b) + "`")
            .hint(hint)
            .between(between.steps);
        return;
    }
    const Index writer = why.reader == a ? b : a;
    sink.report(race_of_reader, between.place, diag::StepPath(facts.path(why.reader)), diag::Name(variable),
                diag::OtherStep(facts.path(writer)))
        .related(facts.place(why.reader), "`" + facts.path(why.reader) + "`")
        .related(facts.requires_of(why.reader)->span, "what is required")
        .related(facts.place(writer), "`" + facts.path(writer) + "` changes it")
        .hint(hint)
        .between(between.steps);
}

}  // namespace

// All questions are gathered first and answered by one call of reach(), which is linear where the two of a pair are
// near each other.
bool check_races(const Facts& facts, diag::Sink& sink) {
    static constexpr std::size_t max_shown = 10'000;
    const graph::Rows<Index> writers = writers_by_variable(facts);
    Questions questions;
    const std::vector<bool> has_excluded = ask_writers(facts, writers, questions);
    for (Index node = 0; node < facts.size(); ++node)
        if (const auto fact = facts.requires_of(node)) ask_reader(facts, *fact, writers, has_excluded, questions);
    const std::vector<bool> ordered = reach(facts, questions.pairs);
    std::size_t found = 0;
    // Two steps that share many states race once; the number decides whether verdicts are given, so all are counted.
    std::set<std::pair<Index, Index>> said;
    for (std::size_t i = 0; i < questions.pairs.size(); ++i) {
        const Pair& pair = questions.pairs[i];
        if (ordered[i] || exclude_each_other(facts, pair.before, pair.after)) continue;
        if (said.insert({pair.before, pair.after}).second && ++found <= max_shown)
            report_race(facts, pair, questions.why[i], sink);
    }
    return found + check_conditions(facts, writers, sink) == 0;
}

}  // namespace pvsplan::checks
