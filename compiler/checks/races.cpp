#include <algorithm>
#include <map>
#include <set>

#include "compiler/checks/checks.hpp"
#include "compiler/checks/codes.hpp"
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

// The run evaluates a `when` at the moment at which the first of its steps could start. So a writer of a state that it
// reads has to come before all of its first steps, or after one of them.
struct Decides {
    graph::GuardIndex guard;
    graph::StateVariable variable;
    Index writer;
    std::vector<Index> first;  // its minimal steps in the order
};

std::vector<Index> first_of(const Facts& facts, const std::vector<Index>& nodes) {
    // A path between two of them stays within this range of the topological order.
    const Index begin = nodes.front();
    const Index size = nodes.back() - begin + 1;
    std::vector<bool> is_of_it(size, false);
    std::vector<bool> is_after(size, false);
    for (const Index node : nodes) is_of_it[node - begin] = true;
    for (Index v = 0; v < size; ++v)
        for (const Index before : facts.predecessors[begin + v])
            if (before >= begin && (is_of_it[before - begin] || is_after[before - begin])) is_after[v] = true;
    std::vector<Index> first;
    for (const Index node : nodes)
        if (!is_after[node - begin]) first.push_back(node);
    return first;
}

std::vector<Decides> decisions_on_states(const Facts& facts, const graph::Rows<Index>& writers) {
    std::vector<std::vector<Index>> nodes_of(facts.guards.size());
    std::vector<std::vector<graph::StateVariable>> reads(facts.guards.size());
    bool is_any = false;
    for (graph::GuardIndex g = 0; g < facts.guards.size(); ++g) {
        if (!facts.guards[g].condition) continue;
        reads[g] = variables_read(facts, *facts.guards[g].condition);
        is_any = is_any || !reads[g].empty();
    }
    if (!is_any) return {};
    for (Index node = 0; node < facts.size(); ++node)
        for (graph::GuardIndex g = facts.guard[node]; g != graph::no_guard; g = facts.guards[g].parent)
            if (!reads[g].empty()) nodes_of[g].push_back(node);
    std::vector<Decides> all;
    for (graph::GuardIndex g = 0; g < facts.guards.size(); ++g) {
        if (nodes_of[g].empty()) continue;
        const std::vector<Index> first = first_of(facts, nodes_of[g]);
        for (const graph::StateVariable variable : reads[g])
            for (const Index writer : writers[variable]) {
                if (std::binary_search(nodes_of[g].begin(), nodes_of[g].end(), writer))
                    continue;  // the guard is decided before it
                if (!facts.budget.charge(first.size())) return all;
                all.push_back({g, variable, writer, first});
            }
    }
    return all;
}

// Whether the writer and the evaluation of the guard are ordered in every run.
bool is_ordered(const Facts& facts, const Decides& one) {
    std::vector<Pair> before;
    std::vector<Pair> after;
    for (const Index node : one.first) {
        before.push_back({one.writer, node});
        after.push_back({node, one.writer});
    }
    const std::vector<bool> is_before = reach(facts, before);
    const std::vector<bool> is_after = reach(facts, after);
    return std::find(is_before.begin(), is_before.end(), false) == is_before.end() ||
           std::find(is_after.begin(), is_after.end(), true) != is_after.end();
}

std::size_t check_conditions(const Facts& facts, const graph::Rows<Index>& writers, diag::Sink& sink) {
    std::set<std::pair<graph::GuardIndex, Index>> said;
    for (const Decides& one : decisions_on_states(facts, writers)) {
        if (exclude_each_other(facts, one.writer, one.first[0]) || is_ordered(facts, one)) continue;
        if (!said.insert({one.guard, one.writer}).second) continue;
        const Index node = one.first[0];
        const Facts::Between between = facts.found_between(std::min(node, one.writer), std::max(node, one.writer));
        sink.report(race_of_condition, between.place, facts.path(node), variable_text(facts, one.variable),
                    facts.path(one.writer))
            .related(facts.guards[one.guard].place, "what decides whether it runs")
            .related(facts.place(one.writer), "`" + facts.path(one.writer) + "` changes it")
            .hint(between.way_out.empty() ? "" : "say which comes first: " + between.way_out);
    }
    return said.size();
}

}  // namespace

bool check_races(const Facts& facts, diag::Sink& sink) {
    static constexpr std::size_t max_shown = 10'000;
    std::size_t found = 0;
    const graph::Rows<Index> writers = writers_by_variable(facts);
    // Asks about neighbouring writers of each state variable: if each comes after the one before, all are ordered.
    struct Question {
        graph::StateVariable variable;
        const graph::RequireFact* reader;  // null: two writers
    };
    std::vector<Pair> pairs;
    std::vector<Question> questions;
    const auto ask = [&](Index a, Index b, graph::StateVariable variable, const graph::RequireFact* reader) {
        if (a == b) return;
        pairs.push_back({std::min(a, b), std::max(a, b)});
        questions.push_back({variable, reader});
    };
    // Writers that exclude each other need no order, and then neighbours do not speak for all: every pair is asked
    // about.
    static constexpr std::size_t cost_of_a_pair = 16;
    std::vector<bool> has_excluded(writers.size(), false);
    for (graph::StateVariable variable = 0; variable < writers.size(); ++variable) {
        const auto row = writers[variable];
        for (std::size_t i = 0; i + 1 < row.size(); ++i)
            if (exclude_each_other(facts, row[i], row[i + 1])) has_excluded[variable] = true;
        if (!has_excluded[variable])
            for (std::size_t i = 0; i + 1 < row.size(); ++i) ask(row[i], row[i + 1], variable, nullptr);
        else
            for (std::size_t i = 0; i < row.size(); ++i)
                for (std::size_t j = i + 1; j < row.size() && facts.budget.charge(cost_of_a_pair); ++j)
                    ask(row[i], row[j], variable, nullptr);
    }
    for (const graph::RequireFact& fact : facts.requires_)
        for (const graph::StateVariable variable : variables_read(facts, fact)) {
            // The writers are ordered, so the reader has to be compared with its two neighbours among them only.
            const auto row = writers[variable];
            if (has_excluded[variable]) {
                for (const Index writer : row)
                    if (facts.budget.charge(cost_of_a_pair)) ask(writer, fact.node, variable, &fact);
                continue;
            }
            const auto next = std::lower_bound(row.begin(), row.end(), fact.node);
            if (next != row.begin()) ask(*(next - 1), fact.node, variable, &fact);
            const auto after = next != row.end() && *next == fact.node ? next + 1 : next;
            if (after != row.end()) ask(fact.node, *after, variable, &fact);
        }
    const std::vector<bool> ordered = reach(facts, pairs);
    std::set<std::pair<Index, Index>> said;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (ordered[i] || exclude_each_other(facts, pairs[i].before, pairs[i].after)) continue;
        if (!said.insert({pairs[i].before, pairs[i].after}).second || ++found > max_shown) continue;
        const Index a = pairs[i].before;
        const Index b = pairs[i].after;
        const Facts::Between between = facts.found_between(a, b);
        const std::string hint = between.way_out.empty() ? "" : "say which comes first: " + between.way_out;
        if (!questions[i].reader) {
            sink.report(race_of_writers, between.place, facts.path(a), facts.path(b),
                        variable_text(facts, questions[i].variable))
                .related(facts.place(a), "`" + facts.path(a) + "`")
                .related(facts.place(b), "`" + facts.path(b) + "`")
                .hint(hint);
        } else {
            const Index reader = questions[i].reader->node;
            const Index writer = reader == a ? b : a;
            sink.report(race_of_reader, between.place, facts.path(reader), variable_text(facts, questions[i].variable),
                        facts.path(writer))
                .related(facts.place(reader), "`" + facts.path(reader) + "`")
                .related(questions[i].reader->span, "what is required")
                .related(facts.place(writer), "`" + facts.path(writer) + "` changes it")
                .hint(hint);
        }
    }
    return found + check_conditions(facts, writers, sink) == 0;
}

}  // namespace pvsplan::checks
