#include <algorithm>
#include <map>
#include <set>

#include "compiler/base/counted.hpp"
#include "compiler/checks/checks.hpp"
#include "compiler/checks/deciders.hpp"

namespace pvsplan::checks {

using graph::Facts;
using schedule::GuardAssignment;

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

// The budget of combinations: each combination of conditions costs a walk over the plan.
class Combinations {
  public:
    explicit Combinations(const Facts& facts) : facts_(facts), nodes_(std::max<std::size_t>(facts.size(), 16)) {}

    // All satisfiable combinations of the conditions; nothing if they exceed the budget.
    [[nodiscard]] std::optional<std::vector<graph::GuardValues>> of(const std::vector<std::uint32_t>& variables) {
        if (variables.empty()) return std::vector<graph::GuardValues>(1);
        auto all = facts_.guard_domain.all(variables, most());
        if (all) left_ -= nodes_ * all->size();
        return all;
    }
    // The number of independent conditions that the budget allows.
    [[nodiscard]] std::size_t max_guards() const {
        std::size_t guards = 0;
        while ((std::size_t{1} << (guards + 1)) <= most()) ++guards;
        return guards;
    }

  private:
    [[nodiscard]] std::size_t most() const { return std::min(left_ / nodes_, std::size_t{1} << 12U); }

    const Facts& facts_;
    std::size_t nodes_;
    std::size_t left_ = 50'000'000;  // nodes visited, over all combinations and requirements
};

Decision in(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r) {
    switch (r.demand.form) {
        case Form::count: return decide_count(event_index, assignment, r);
        case Form::never: return decide_never(event_index, assignment, r);
        case Form::before: return decide_order(event_index, assignment, r);
        case Form::then: return decide_order(event_index, assignment, r);
        case Form::during: return decide_during(event_index, assignment, r);
        case Form::always: return decide_always(event_index, assignment, r);
        case Form::finally_: return decide_finally(event_index, assignment, r);
        case Form::error: break;
    }
    return {.verdict = Verdict::undecided};
}

// The value that a witness prefers for a condition.
enum class Prefer : std::uint8_t { met, not_met };
void choose(const Facts& facts, std::uint32_t variable, Prefer prefer, graph::GuardValues& values) {
    values.emplace_back(variable, prefer == Prefer::met);
    if (facts.guard_domain.is_bound(variable) && !facts.guard_domain.can_be(values))
        values.back().second = !values.back().second;
}

// Assigns the conditions that the requirement does not depend on, so that a witness takes exactly one of several
// alternatives: a condition whose opposite some step asks for, or that excludes another one, is met if that is
// possible.
GuardAssignment with_others(const Facts& facts, graph::GuardValues assigned) {
    std::set<std::uint32_t> known;
    for (const auto& [variable, value] : assigned) known.insert(variable);
    for (const graph::GuardFact& guard : facts.guards)
        if ((!guard.value || facts.guard_domain.is_bound(guard.variable)) && known.insert(guard.variable).second)
            choose(facts, guard.variable, Prefer::met, assigned);
    std::sort(assigned.begin(), assigned.end());
    return {std::move(assigned)};
}

// Tells the conditions as they are written, each once, with the truth that the witness takes; but for those that are
// not asked, as one around them does not hold.
void assume(const Facts& facts, const GuardAssignment& assignment, Witness& witness) {
    for (const auto& [variable, value] : assignment.assigned)
        for (const graph::GuardFact& guard : facts.guards)
            if (guard.variable == variable && assignment.can_hold(facts, guard.parent)) {
                witness.assumptions.emplace_back(guard.text, value == guard.value);
                break;
            }
}

// `always` reports the worst bound over all combinations.
bool is_worse(const Requirement& r, const Decision& one, const Decision& other) {
    if (one.verdict != other.verdict || r.demand.form != Form::always || r.demand.bound == Bound::exactly)
        return rank(one.verdict) > rank(other.verdict);
    return r.demand.bound == Bound::at_least ? one.reached < other.reached : one.reached > other.reached;
}

// There are more conditions than can be tried. Two combinations are: all conditions met, and none. A violation in one
// of them is a violation; otherwise the verdict is `undecided`.
Decision beyond(const EventIndex& event_index, const Requirement& r, const std::vector<std::uint32_t>& variables,
                const Combinations& combinations) {
    for (const Prefer prefer : {Prefer::met, Prefer::not_met}) {
        graph::GuardValues values;
        for (const std::uint32_t v : variables) choose(event_index.facts(), v, prefer, values);
        const GuardAssignment assignment = with_others(event_index.facts(), std::move(values));
        Decision one = in(event_index, assignment, r);
        if (one.verdict != Verdict::violated) continue;
        if (one.witness) assume(event_index.facts(), assignment, *one.witness);
        return one;
    }
    return {
        .verdict = Verdict::undecided,
        .reason =
            "it depends on " + base::counted(variables.size(), "run-time condition") + "; at most " +
            std::to_string(combinations.max_guards()) + " are tried in all combinations" +
            (variables.size() > 12 ? "" : ", as a walk over the whole plan is taken for each, for each requirement")};
}

bool names_a_text(const program::ExprPtr& where) {
    bool found = false;
    if (where)
        program::for_each_part(*where, [&](const program::Expr& part) {
            found = found || (part.op == program::Expr::Op::literal && part.value.as_string());
        });
    return found;
}

// Whether the farm has no object that the requirement asks about, or the steps that it asks about are done already and
// left out. Then its author has made no slip, as with a misspelt name.
bool is_nothing_to_ask(const EventIndex& event_index, const Requirement& r) {
    const Facts& facts = event_index.facts();
    const auto has_no_object = [&](const std::string& kind, const program::ExprPtr& where) {
        const auto all = facts.objects_of(kind);
        const auto is_asked = [&](program::ObjectId object) { return event_index.is_true(where, object); };
        return all.empty() || (!names_a_text(where) && std::none_of(all.begin(), all.end(), is_asked));
    };
    if (r.demand.state && has_no_object(r.demand.state->kind, r.demand.state->where)) return true;
    for (const auto* side : {&r.demand.left, &r.demand.right})
        if (*side && event_index.matching(**side, {}).empty() &&
            (facts.left_out_events.contains({(*side)->verb, (*side)->kind}) ||
             has_no_object((*side)->kind, (*side)->where)))
            return true;
    return false;
}

// The verdict is the worst over all satisfiable combinations of the conditions that matter. A violation ends the
// search, but for `always`, of which the worst number is told.
Decision decide(const EventIndex& event_index, const Requirement& r, Combinations& combinations) {
    if (r.demand.form == Form::error) return {.verdict = Verdict::undecided};
    if (auto missing = event_index.unknown_scope(r))
        return {.verdict = Verdict::undecided,
                .reason = "it depends on what is not known yet",
                .missing = std::move(*missing)};
    const std::vector<std::uint32_t> variables = event_index.guards_of(r);
    const auto all = combinations.of(variables);
    if (!all) return beyond(event_index, r, variables, combinations);
    std::optional<Decision> worst;
    for (const graph::GuardValues& values : *all) {
        const GuardAssignment assignment = with_others(event_index.facts(), values);
        Decision one = in(event_index, assignment, r);
        if (one.witness) assume(event_index.facts(), assignment, *one.witness);
        if (!worst || is_worse(r, one, *worst)) worst = std::move(one);
        if (worst->verdict == Verdict::violated && r.demand.form != Form::always) break;
    }
    if (worst->verdict == Verdict::vacuous && is_nothing_to_ask(event_index, r)) return {.verdict = Verdict::holds};
    return *worst;
}

}  // namespace

// The same text in the same file is decided once: a policy that is named twice costs nothing. Witnesses share a bound
// on their length; beyond it a violation is still told, without a schedule.
std::vector<Decision> decide(const Facts& facts, const std::vector<Requirement>& requirements,
                             const std::vector<program::RequirementPlaces>& places, std::optional<std::size_t> only) {
    const EventIndex event_index(facts);
    Combinations combinations(facts);
    std::size_t moments_left = 4'000'000;  // over the schedules of all witnesses
    std::map<std::pair<std::uint32_t, std::string>, std::size_t> known;
    std::vector<Decision> decisions;
    for (std::size_t i = 0; i < requirements.size(); ++i) {
        const Requirement& r = requirements[i];
        if (facts.budget.is_exhausted() || (only && *only != i)) {
            decisions.push_back({.verdict = Verdict::undecided});
            continue;
        }
        const base::Span whole = i < places.size() ? places[i].whole : base::Span();
        const auto [same, is_new] = known.emplace(std::pair(whole.file.value, r.require), i);
        const bool is_asked_before = !is_new && r.demand.form != Form::error && !whole.is_nowhere();
        const std::size_t before = facts.budget.charged();
        decisions.push_back(is_asked_before ? decisions[same->second] : decide(event_index, r, combinations));
        facts.budget.put_down(whole, before);
        if (auto& witness = decisions.back().witness) {
            if (witness->schedule.size() > moments_left) witness->schedule.clear();
            moments_left -= witness->schedule.size();
        }
    }
    return decisions;
}

}  // namespace pvsplan::checks
