#include "compiler/checks/guard_reads.hpp"

#include <algorithm>
#include <set>

#include "compiler/base/lists.hpp"
#include "compiler/schedule/frame_env.hpp"
#include "compiler/schedule/reach.hpp"
#include "compiler/schedule/state_variables.hpp"
#include "compiler/schedule/timeline.hpp"

namespace pvsplan::checks {

using graph::Facts;
using graph::GuardIndex;
using graph::Index;
using graph::StateVariable;
using schedule::Pair;
using schedule::variables_read;

namespace {

// The nodes of the set before which no other of the set comes: a condition is evaluated when the first of them could
// start. `nodes` ascends; linear in the edges of the range that it spans.
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

// The states that each condition reads; nothing if none reads any.
std::optional<std::vector<std::vector<StateVariable>>> states_read(const Facts& facts) {
    std::vector<std::vector<StateVariable>> reads(facts.guards.size());
    bool is_any = false;
    for (GuardIndex g = 0; g < facts.guards.size(); ++g) {
        if (!facts.guards[g].condition) continue;
        reads[g] = variables_read(facts, *facts.guards[g].condition);
        is_any = is_any || !reads[g].empty();
    }
    return is_any ? std::optional(std::move(reads)) : std::nullopt;
}

// "pvs02.stream is running": as the farm has them now, for the reason why a guard is known.
std::string states_text(const Facts& facts, const std::vector<StateVariable>& variables,
                        const schedule::FrameEnv& env) {
    std::string text;
    for (const StateVariable variable : variables) {
        const std::string name = schedule::variable_text(facts, variable);
        base::append(text, ", ",
                     name.substr(name.find('/') + 1) + " is " + env.print(facts.values[facts.initial[variable]]));
    }
    return text;
}

}  // namespace

// A row for each condition, state that it reads, and writer of that state. The budget bounds their number: a condition
// over the whole farm would have one for each writer of each object.
std::vector<GuardRead> guard_reads(const Facts& facts, const base::Rows<Index>& writers) {
    const auto reads = states_read(facts);
    if (!reads) return {};
    std::vector<std::vector<Index>> nodes_of(facts.guards.size());
    for (Index node = 0; node < facts.size(); ++node)
        for (GuardIndex g = facts.guard[node]; g != graph::no_guard; g = facts.guards[g].parent)
            if (!(*reads)[g].empty()) nodes_of[g].push_back(node);
    std::vector<GuardRead> all;
    for (GuardIndex g = 0; g < facts.guards.size(); ++g) {
        if (nodes_of[g].empty()) continue;
        const std::vector<Index> first = first_of(facts, nodes_of[g]);
        for (const StateVariable variable : (*reads)[g])
            for (const Index writer : writers[variable]) {
                if (std::binary_search(nodes_of[g].begin(), nodes_of[g].end(), writer))
                    continue;  // the guard is decided before it
                if (!facts.budget.charge(first.size())) return all;
                all.push_back({g, variable, writer, first});
            }
    }
    return all;
}

// A writer that comes after one of the first steps changes the state too late to matter. All states of a condition must
// be known, or none of it is taken.
std::vector<std::optional<KnownGuard>> guards_known_before_run(const Facts& facts) {
    std::vector<std::optional<KnownGuard>> known(facts.guards.size());
    if (facts.size() == 0) return known;
    const auto reads = states_read(facts);
    if (!reads) return known;
    std::set<GuardIndex> changed_before;
    // A guard is left to the run if some writer of what it reads may come before it is evaluated.
    for (const GuardRead& one : guard_reads(facts, schedule::writers_by_variable(facts))) {
        if (changed_before.contains(one.guard)) continue;
        std::vector<Pair> after;
        for (const Index node : one.first) after.push_back({node, one.writer});
        const std::vector<bool> is_after = schedule::reach(facts, after);
        if (std::find(is_after.begin(), is_after.end(), true) == is_after.end()) changed_before.insert(one.guard);
    }
    schedule::FrameEnv before_run(facts, 0);  // any node will do: a condition reads no frame
    before_run.state_of = [&](StateVariable variable) { return facts.values[facts.initial[variable]]; };
    for (GuardIndex g = 0; g < facts.guards.size(); ++g) {
        if ((*reads)[g].empty() || changed_before.contains(g)) continue;
        const bool are_known = std::all_of((*reads)[g].begin(), (*reads)[g].end(), [&](StateVariable variable) {
            return !facts.values[facts.initial[variable]].has_unknown();
        });
        if (!are_known) continue;
        KnownGuard guard{.condition = program::specialise(facts.guards[g].condition, before_run),
                         .why = states_text(facts, (*reads)[g], before_run)};
        if (guard.condition->op == program::Expr::Op::literal)
            if (const bool* holds = guard.condition->value.as_boolean()) guard.holds = *holds;
        known[g] = std::move(guard);
    }
    return known;
}

}  // namespace pvsplan::checks
