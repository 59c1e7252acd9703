#include <bit>

#include "compiler/checks/checks.hpp"
#include "compiler/checks/deciders.hpp"

namespace pvsplan::checks {

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::holds: return "holds";
        case Verdict::violated: return "violated";
        case Verdict::vacuous: return "vacuous";
        case Verdict::undecided: return "undecided";
    }
    return "undecided";
}

int rank(Verdict verdict) {
    switch (verdict) {
        case Verdict::violated: return 3;
        case Verdict::undecided: return 2;
        case Verdict::holds: return 1;
        case Verdict::vacuous: return 0;
    }
    return 0;
}

namespace {

// Each combination of conditions costs a walk over the plan.
std::size_t most_guards(const Facts& facts) {
    static constexpr std::size_t most = 12;
    static constexpr std::size_t most_nodes = 50'000'000;  // in all combinations together
    std::size_t guards = 0;
    while (guards < most && (std::size_t{facts.size()} << (guards + 1)) <= most_nodes) ++guards;
    return guards;
}

Decision in(const Subject& subject, const World& world, const Requirement& r) {
    switch (r.form) {
        case Form::count: return decide_count(subject, world, r);
        case Form::never: return decide_never(subject, world, r);
        case Form::before: return decide_order(subject, world, r);
        case Form::then: return decide_order(subject, world, r);
        case Form::during: return decide_during(subject, world, r);
        case Form::always: return decide_always(subject, world, r);
        case Form::finally_: return decide_finally(subject, world, r);
        case Form::poison: break;
    }
    return {.verdict = Verdict::undecided};
}

void assume(const Facts& facts, const World& world, Witness& witness) {
    for (const auto& [variable, value] : world.assigned)
        for (const graph::GuardFact& guard : facts.guards)
            if (guard.variable == variable) {
                witness.assumptions.emplace_back(guard.text, value == guard.value);
                break;
            }
}

// The bounds of `always` are the worst of all ways.
bool is_worse(const Requirement& r, const Decision& one, const Decision& other) {
    if (one.verdict != other.verdict || r.form != Form::always || r.bound == Bound::exactly)
        return rank(one.verdict) > rank(other.verdict);
    return r.bound == Bound::at_least ? one.reached < other.reached : one.reached > other.reached;
}

// More conditions than can be tried: what fails when all are met, or none, does fail; nothing is said to hold.
Decision beyond(const Subject& subject, const Requirement& r, const std::vector<std::uint32_t>& variables) {
    for (const bool all : {true, false}) {
        World world;
        for (const std::uint32_t v : variables) world.assigned.emplace_back(v, all);
        Decision one = in(subject, world, r);
        if (one.verdict != Verdict::violated) continue;
        if (one.witness) assume(subject.facts(), world, *one.witness);
        return one;
    }
    return {.verdict = Verdict::undecided,
            .reason = "it depends on " + plural(variables.size(), "run-time condition") + "; at most " +
                      std::to_string(most_guards(subject.facts())) + " are tried in all combinations"};
}

Decision decide(const Subject& subject, const Requirement& r) {
    if (r.form == Form::poison) return {.verdict = Verdict::undecided};
    if (auto missing = subject.unknown_scope(r))
        return {.verdict = Verdict::undecided,
                .reason = "it depends on what is not known yet",
                .missing = std::move(*missing)};
    const std::vector<std::uint32_t> variables = subject.guards_of(r);
    if (variables.size() > most_guards(subject.facts())) return beyond(subject, r, variables);
    std::optional<Decision> worst;
    for (std::uint32_t bits = 0; bits < (1U << variables.size()); ++bits) {
        World world;
        std::size_t bit = 0;
        for (const std::uint32_t v : variables) world.assigned.emplace_back(v, (bits >> bit++ & 1U) == 0);
        Decision one = in(subject, world, r);
        if (one.witness) assume(subject.facts(), world, *one.witness);
        if (!worst || is_worse(r, one, *worst)) worst = std::move(one);
        if (worst->verdict == Verdict::violated && r.form != Form::always) break;
    }
    return *worst;
}

}  // namespace

std::vector<Decision> decide(const Facts& facts, const std::vector<Requirement>& requirements) {
    const Subject subject(facts);
    std::vector<Decision> decisions;
    for (const Requirement& r : requirements) decisions.push_back(decide(subject, r));
    return decisions;
}

}  // namespace pvsplan::checks
