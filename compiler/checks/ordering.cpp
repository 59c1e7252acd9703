// `A before B` and `A then B`: a ⇝ b. If iterations may be abandoned, `before` also requires that no b happens without
// its a, and `then` that b is not abandoned.
#include <algorithm>
#include <map>
#include <set>

#include "compiler/base/counted.hpp"
#include "compiler/checks/deciders.hpp"
#include "compiler/checks/order_counterexamples.hpp"
#include "compiler/checks/order_questions.hpp"
#include "compiler/schedule/partial_failure.hpp"
#include "compiler/schedule/reach.hpp"
#include "compiler/schedule/schedule.hpp"

namespace pvsplan::checks {

using graph::Facts;
using graph::Index;
using schedule::after_any;
using schedule::before_any;
using schedule::Effect;
using schedule::FailureScenario;
using schedule::first_unordered;
using schedule::GuardAssignment;
using schedule::Pair;
using schedule::PartialFailure;
using schedule::reach;
using schedule::schedule_with;
using schedule::StartsFirst;

using graph::no_index;

namespace {

// With few nodes on both sides (one question for each object, say) it is cheaper to ask about pairs: the cost is
// their distance in the order. Otherwise one sweep over the plan answers for all.
bool are_few(const std::vector<Index>& some, const std::vector<Index>& others) {
    return some.size() * others.size() <= 64;
}
// For each of `nodes`, whether one of `others` comes after it, or before it.
enum class Side : std::uint8_t { after, before };
std::vector<bool> have(const Facts& facts, const std::vector<Index>& nodes, const std::vector<Index>& others,
                       Side side) {
    std::vector<bool> found(nodes.size(), false);
    if (are_few(nodes, others)) {
        std::vector<Pair> pairs;
        for (const Index node : nodes)
            for (const Index other : others)
                pairs.push_back(side == Side::after ? Pair{node, other} : Pair{other, node});
        const std::vector<bool> is_before = reach(facts, pairs);
        for (std::size_t i = 0; i < pairs.size(); ++i)
            if (is_before[i]) found[i / others.size()] = true;
        return found;
    }
    std::vector<bool> marks(facts.size(), false);
    for (const Index other : others) marks[other] = true;
    const std::vector<bool> all = side == Side::after ? before_any(facts, marks) : after_any(facts, marks);
    for (std::size_t i = 0; i < nodes.size(); ++i) found[i] = all[nodes[i]];
    return found;
}
// A pair (a, b) without a path from a to b, if there is one; which of several is the same on every machine.
std::optional<Pair> unordered_pair(const Facts& facts, const std::vector<Index>& as, const std::vector<Index>& bs) {
    if (!are_few(as, bs)) return first_unordered(facts, as, bs);
    std::vector<Pair> pairs;
    for (const Index a : as)
        for (const Index b : bs) pairs.push_back({a, b});
    const std::vector<bool> is_before = reach(facts, pairs);
    const auto found = std::find(is_before.begin(), is_before.end(), false);
    return found == is_before.end() ? std::nullopt
                                    : std::optional(pairs[static_cast<std::size_t>(found - is_before.begin())]);
}

class Ordering {
  public:
    Ordering(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r)
        : event_index_(event_index),
          facts_(event_index.facts()),
          assignment_(assignment),
          r_(r),
          questions_(event_index, r),
          shown_(event_index, assignment, r) {}

    // Each key by itself. Where each has to look at the whole plan, their number is bounded; else the look is at the
    // events of the key alone.
    Decision decide() const {
        Sides all{event_index_.matching(*r_.demand.left, assignment_),
                  event_index_.matching(*r_.demand.right, assignment_)};
        if (!questions_.are_keyed()) return decide(std::move(all));
        static constexpr std::size_t max_nodes = 50'000'000;  // for all keys together
        const bool is_of_all =
            !r_.demand.left->per || !r_.demand.right->per || (!questions_.every_left() && !questions_.every_right());
        if (const std::size_t keys = questions_.keys(); is_of_all && keys * std::size_t{facts_.size()} > max_nodes)
            return {.verdict = Verdict::undecided,
                    .reason = "it is asked of " + base::counted(keys, "value") + " of `per`, more than are tried"};
        std::optional<Decision> worst;
        for (auto& [key, sides] : questions_.by_key(all)) {
            Decision one = decide(std::move(sides));
            if (one.verdict == Verdict::violated) one.reason = "for " + key + ": " + one.reason;
            if (!worst || rank(one.verdict) > rank(worst->verdict)) worst = std::move(one);
            if (worst->verdict == Verdict::violated) break;
        }
        return worst.value_or(vacuous(r_.demand.left->per ? *r_.demand.left : *r_.demand.right));
    }

  private:
    Decision decide(Sides all) const {
        if (!questions_.every_left() && !questions_.every_right()) return some_some(questions_.of(all), all);
        const EventDemand& lacking = all.left.empty() ? *r_.demand.left : *r_.demand.right;
        Decision worst{.verdict = Verdict::vacuous};
        questions_.for_each(std::move(all), [&](const Sides& sides) {
            Decision one = (questions_.every_left() ? questions_.every_right() ? every_every(sides) : every_some(sides)
                                                    : some_every(sides))
                               .value_or(Decision{.verdict = Verdict::holds});
            if (rank(one.verdict) > rank(worst.verdict)) worst = std::move(one);
            return worst.verdict != Verdict::violated;
        });
        return worst.verdict == Verdict::vacuous ? vacuous(lacking) : worst;
    }

    using Fault = std::optional<Decision>;  // violated or undecided

    // ---- abandoned iterations ---------------------------------------------------------------------------------------

    // The iterations around a node that may be abandoned, innermost first.
    [[nodiscard]] std::vector<std::uint32_t> failing_iterations(Index node) const {
        std::vector<std::uint32_t> found;
        for (std::uint32_t i = facts_.instance[node]; i != no_index; i = facts_.instances[i].parent)
            if (facts_.may_be_abandoned(i)) found.push_back(i);
        return found;
    }
    [[nodiscard]] bool is_sure(Index node) const { return failing_iterations(node).empty(); }

    // A scenario in which none of `nodes` happens although `b` does.
    struct Missed {
        std::optional<FailureScenario> scenario;
        bool is_sure = true;  // without a scenario: there is none
    };
    [[nodiscard]] Missed missed(const std::vector<Index>& nodes, Index b) const {
        static constexpr std::size_t max_scenarios = 4096;
        const PartialFailure failures(facts_, assignment_, {nodes, {&b, 1}}, max_scenarios);
        for (const FailureScenario& scenario : failures.scenarios()) {
            const std::vector<Effect> effects = failures.effects(nodes, scenario);
            if (std::count(effects.begin(), effects.end(), Effect::happens) == 0 &&
                failures.effects(std::span(&b, 1), scenario)[0] != Effect::does_not_happen)
                return {.scenario = scenario};
        }
        return {.is_sure = failures.are_all()};
    }
    // The simplest failure that loses the node: it fails itself, and its innermost iteration is abandoned.
    [[nodiscard]] FailureScenario fails(Index node) const { return {{failing_iterations(node)[0], {node}, {}}}; }
    [[nodiscard]] static Decision open_question(const std::string& about) {
        return {.verdict = Verdict::undecided,
                .reason = "it depends on which iterations are abandoned, in more ways than are tried, " + about};
    }

    // An a that can be abandoned, and a b that happens all the same.
    [[nodiscard]] std::optional<Pair> parted(const Sides& sides) const {
        std::map<std::uint32_t, std::vector<Index>> bs_in;
        for (const Occurrence& b : sides.right)
            for (const std::uint32_t i : failing_iterations(b.node)) bs_in[i].push_back(b.node);
        for (const Occurrence& a : sides.left) {
            const std::vector<std::uint32_t> around = failing_iterations(a.node);
            // Where every b is in the iteration that is abandoned with a, none of them goes on without it.
            if (around.empty() || bs_in[around.front()].size() == sides.right.size()) continue;
            for (const Occurrence& b : sides.right)
                if (!facts_.is_in(b.node, around.front())) return Pair{a.node, b.node};
        }
        return std::nullopt;
    }

    // ---- by quantifiers ---------------------------------------------------------------------------------------------

    // Every pair has a path. `before` is broken also by an a that is abandoned while some b goes on; `then` by any b
    // that may be abandoned, since every a wants all of them.
    [[nodiscard]] Fault every_every(const Sides& sides) const {
        if (const auto pair = unordered_pair(facts_, nodes_of(sides.left), nodes_of(sides.right)))
            return shown_.unordered(pair->before, pair->after);
        if (r_.demand.form == Form::before) {
            const auto pair = parted(sides);
            return pair ? Fault(shown_.partial_failure(fails(pair->before), pair->after)) : std::nullopt;
        }
        for (const Occurrence& b : sides.right)
            if (!is_sure(b.node)) return shown_.never_comes(sides.left[0].node, {}, fails(b.node), {b.node});
        return std::nullopt;
    }

    // One b behind each a is enough. For `then` it has to be one that surely comes, or several of which no run loses
    // all.
    [[nodiscard]] Fault every_some(const Sides& sides) const {
        std::vector<Index> bs;
        for (const Occurrence& b : sides.right)
            if (r_.demand.form == Form::before || is_sure(b.node)) bs.push_back(b.node);
        // What has a sure successor is settled by one sweep; only the rest is looked at scenario by scenario.
        const std::vector<bool> is_followed = have(facts_, nodes_of(sides.left), bs, Side::after);
        Fault open;
        for (std::size_t at = 0; at < sides.left.size(); ++at) {
            if (is_followed[at]) continue;
            const Occurrence& a = sides.left[at];
            std::vector<Pair> pairs;
            for (const Occurrence& b : sides.right) pairs.push_back({a.node, b.node});
            const std::vector<bool> is_after = reach(facts_, pairs);
            std::vector<Index> early;
            std::vector<Index> late;
            for (std::size_t i = 0; i < pairs.size(); ++i)
                if (pairs[i].after != a.node) (is_after[i] ? late : early).push_back(pairs[i].after);
            // No b comes after a in any run: a schedule in which all have started before shows it.
            if (late.empty()) return shown_.too_early({{{a.node}, nodes_of(sides.right)}}, a.node, sides.right);
            const Missed none_comes = missed(late, a.node);
            if (none_comes.scenario) return shown_.never_comes(a.node, early, *none_comes.scenario, late);
            if (!none_comes.is_sure) open = open_question("after " + event_index_.path(a.node));
        }
        return open;
    }

    // One a before each b is enough, if no run loses all of those that come before it.
    [[nodiscard]] Fault some_every(const Sides& sides) const {
        std::vector<Index> sure;
        for (const Occurrence& a : sides.left)
            if (is_sure(a.node)) sure.push_back(a.node);
        const std::vector<bool> is_surely_after = have(facts_, nodes_of(sides.right), sure, Side::before);
        const std::vector<bool> is_after = have(facts_, nodes_of(sides.right), nodes_of(sides.left), Side::before);
        Fault open;
        for (std::size_t at = 0; at < sides.right.size(); ++at) {
            const Occurrence& b = sides.right[at];
            if (r_.demand.form == Form::then && !is_sure(b.node))
                return shown_.never_comes(b.node, {}, fails(b.node), {b.node});
            if (is_surely_after[at]) continue;
            if (sides.left.empty()) return shown_.lonely(b.node);
            if (!is_after[at]) return shown_.unordered(sides.left[0].node, b.node);
            std::vector<Pair> pairs;
            for (const Occurrence& a : sides.left) pairs.push_back({a.node, b.node});
            const std::vector<bool> is_before = reach(facts_, pairs);
            // The left events that come before b in the plan; b is unprotected in a run that abandons all of them.
            std::vector<Index> lost;
            for (std::size_t i = 0; i < pairs.size(); ++i)
                if (is_before[i]) lost.push_back(pairs[i].before);
            const Missed none_came = missed(lost, b.node);
            if (none_came.scenario) return shown_.partial_failure(*none_came.scenario, b.node);
            if (!none_came.is_sure) open = open_question("before " + event_index_.path(b.node));
        }
        return open;
    }

    // One pair a ⇝ b is enough, and it may be a different one in each run. A run without any pair exists iff every b
    // that happens can start before any a of its question is over.
    [[nodiscard]] Decision some_some(const std::vector<Sides>& questions, const Sides& all) const {
        if (questions.empty()) return vacuous(all.left.empty() ? *r_.demand.left : *r_.demand.right);
        const auto whole = std::find_if(questions.begin(), questions.end(),
                                        [](const Sides& one) { return !one.left.empty() && !one.right.empty(); });
        if (whole == questions.end()) return shown_.lonely(all.left.empty() ? all.right[0].node : all.left[0].node);
        const Index a = whole->left[0].node;
        // First without failures, which is one topological sort.
        if (schedule_with(facts_, assignment_, postponed(questions, {}, {})))
            return shown_.too_early(postponed(questions, {}, {}), a, whole->right);
        if (r_.demand.form == Form::before) return {.verdict = Verdict::holds};
        const std::vector<Index> nodes = nodes_of_failing_iterations(questions);
        const PartialFailure failures(facts_, assignment_, {nodes},
                                      std::clamp<std::size_t>(2'000'000 / facts_.size(), 16, 1024));
        for (const FailureScenario& scenario : failures.scenarios()) {
            if (scenario.empty()) continue;
            auto schedule = schedule_with(facts_, assignment_,
                                          postponed(questions, nodes, failures.effects(nodes, scenario)), scenario);
            if (!schedule) continue;
            Decision d{.verdict = Verdict::violated,
                       .reason = event_index_.path(scenario[0].nodes[0]) +
                                 " can fail while the others go on, and then nothing " + "does `" +
                                 r_.demand.right->verb + "` after `" + r_.demand.left->verb + "`",
                       .witness = event_index_.about(schedule::failed_in(scenario)),
                       .fails = scenario[0].nodes[0]};
            d.witness->schedule = std::move(*schedule);
            return d;
        }
        return failures.are_all() ? Decision{.verdict = Verdict::holds}
                                  : open_question("after " + event_index_.path(a));
    }

    // The nodes whose failure can prevent one of these events.
    [[nodiscard]] std::vector<Index> nodes_of_failing_iterations(const std::vector<Sides>& questions) const {
        std::set<std::uint32_t> instances;
        for (const Sides& sides : questions)
            for (const auto* side : {&sides.left, &sides.right})
                for (const Occurrence& h : *side)
                    for (const std::uint32_t i : failing_iterations(h.node)) instances.insert(i);
        std::vector<Index> nodes;
        for (Index node = 0; node < facts_.size(); ++node) {
            const std::vector<std::uint32_t> around = failing_iterations(node);
            if (facts_.is_action[node] && assignment_.has(facts_, node) &&
                std::any_of(around.begin(), around.end(), [&](std::uint32_t i) { return instances.contains(i); }))
                nodes.push_back(node);
        }
        return nodes;
    }

    // The demands of a counterexample: all right events that happen start before any left event that may happen has
    // finished. `effects` are those of `nodes`; every other node happens.
    [[nodiscard]] static std::vector<StartsFirst> postponed(const std::vector<Sides>& questions,
                                                            const std::vector<Index>& nodes,
                                                            const std::vector<Effect>& effects) {
        std::map<Index, Effect> effect_of;
        for (std::size_t i = 0; i < nodes.size(); ++i) effect_of.emplace(nodes[i], effects[i]);
        const auto effect = [&](Index node) {
            const auto found = effect_of.find(node);
            return found == effect_of.end() ? Effect::happens : found->second;
        };
        std::vector<StartsFirst> all;
        for (const Sides& sides : questions) {
            StartsFirst one;
            for (const Occurrence& h : sides.left)
                if (effect(h.node) != Effect::does_not_happen) one.finish_later.push_back(h.node);
            for (const Occurrence& h : sides.right)
                if (effect(h.node) == Effect::happens) one.start_first.push_back(h.node);
            if (!one.finish_later.empty() && !one.start_first.empty()) all.push_back(std::move(one));
        }
        return all;
    }

    const EventIndex& event_index_;
    const Facts& facts_;
    const GuardAssignment& assignment_;
    const Requirement& r_;
    const OrderQuestions questions_;
    const OrderCounterexamples shown_;
};

}  // namespace

Decision decide_order(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r) {
    return Ordering(event_index, assignment, r).decide();
}

}  // namespace pvsplan::checks
