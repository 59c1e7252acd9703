#include <algorithm>
#include <map>
#include <set>

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
class Combinations {
  public:
    explicit Combinations(const Facts& facts) : nodes_(std::max<std::size_t>(facts.size(), 16)) {}

    // All combinations of so many conditions, if there is room for them.
    [[nodiscard]] bool charge(std::size_t guards) {
        if (guards > most_guards()) return false;
        if (guards > 0) left_ -= nodes_ << guards;
        return true;
    }
    [[nodiscard]] std::size_t most_guards() const {
        static constexpr std::size_t most = 12;
        std::size_t guards = 0;
        while (guards < most && (nodes_ << (guards + 1)) <= left_) ++guards;
        return guards;
    }

  private:
    std::size_t nodes_;
    std::size_t left_ = 50'000'000;  // nodes that are looked at, in all combinations for all requirements together
};

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

// The other conditions that somebody wants the opposite of are met: of two ways one is taken in whatever is shown.
World with_others(const Facts& facts, std::vector<std::pair<std::uint32_t, bool>> assigned) {
    std::set<std::uint32_t> known;
    for (const auto& [variable, value] : assigned) known.insert(variable);
    for (const graph::GuardFact& guard : facts.guards)
        if (!guard.value && known.insert(guard.variable).second) assigned.emplace_back(guard.variable, true);
    std::sort(assigned.begin(), assigned.end());
    return {std::move(assigned)};
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
Decision beyond(const Subject& subject, const Requirement& r, const std::vector<std::uint32_t>& variables,
                const Combinations& combinations) {
    for (const bool all : {true, false}) {
        World world;
        for (const std::uint32_t v : variables) world.assigned.emplace_back(v, all);
        world = with_others(subject.facts(), std::move(world.assigned));
        Decision one = in(subject, world, r);
        if (one.verdict != Verdict::violated) continue;
        if (one.witness) assume(subject.facts(), world, *one.witness);
        return one;
    }
    return {
        .verdict = Verdict::undecided,
        .reason =
            "it depends on " + plural(variables.size(), "run-time condition") + "; at most " +
            std::to_string(combinations.most_guards()) + " are tried in all combinations" +
            (variables.size() > 12 ? "" : ", as a walk over the whole plan is taken for each, for each requirement")};
}

Decision decide(const Subject& subject, const Requirement& r, Combinations& combinations) {
    if (r.form == Form::poison) return {.verdict = Verdict::undecided};
    if (auto missing = subject.unknown_scope(r))
        return {.verdict = Verdict::undecided,
                .reason = "it depends on what is not known yet",
                .missing = std::move(*missing)};
    const std::vector<std::uint32_t> variables = subject.guards_of(r);
    if (!combinations.charge(variables.size())) return beyond(subject, r, variables, combinations);
    std::optional<Decision> worst;
    for (std::uint32_t bits = 0; bits < (1U << variables.size()); ++bits) {
        World world;
        std::size_t bit = 0;
        for (const std::uint32_t v : variables) world.assigned.emplace_back(v, (bits >> bit++ & 1U) == 0);
        world = with_others(subject.facts(), std::move(world.assigned));
        Decision one = in(subject, world, r);
        if (one.witness) assume(subject.facts(), world, *one.witness);
        if (!worst || is_worse(r, one, *worst)) worst = std::move(one);
        if (worst->verdict == Verdict::violated && r.form != Form::always) break;
    }
    return *worst;
}

}  // namespace

std::vector<Decision> decide(const Facts& facts, const std::vector<Requirement>& requirements,
                             std::optional<std::size_t> only) {
    const Subject subject(facts);
    Combinations combinations(facts);
    std::size_t moments_left = 4'000'000;  // of all schedules that are shown
    std::map<std::pair<std::uint32_t, std::string>, std::size_t> known;
    std::vector<Decision> decisions;
    for (std::size_t i = 0; i < requirements.size(); ++i) {
        const Requirement& r = requirements[i];
        if (facts.budget.is_exhausted() || (only && *only != i)) {
            decisions.push_back({.verdict = Verdict::undecided});
            continue;
        }
        const auto [same, is_new] = known.emplace(std::pair(r.span.file.value, r.source), i);
        const bool is_asked_before = !is_new && r.form != Form::poison && !r.span.is_nowhere();
        const std::size_t before = facts.budget.charged();
        decisions.push_back(is_asked_before ? decisions[same->second] : decide(subject, r, combinations));
        facts.budget.put_down(r.span, before);
        if (auto& witness = decisions.back().witness) {
            if (witness->schedule.size() > moments_left) witness->schedule.clear();
            moments_left -= witness->schedule.size();
        }
    }
    return decisions;
}

}  // namespace pvsplan::checks
