#include "compiler/checks/order_counterexamples.hpp"

#include <algorithm>

#include "compiler/schedule/partial_failure.hpp"
#include "compiler/schedule/reach.hpp"

namespace pvsplan::checks {

using schedule::FailureScenario;
using schedule::Moment;
using schedule::Pair;
using schedule::PartialFailure;
using schedule::reach;
using schedule::Schedule;
using schedule::schedule_with;
using schedule::StartsFirst;

// The schedule runs what b waits for and starts b: a is not among it.
Decision OrderCounterexamples::unordered(Index a, Index b) const {
    Decision d{.verdict = Verdict::violated,
               .reason = too_early_text(a, b),
               .witness = event_index_.about({a, b}),
               .step = b,
               .other = a};
    Schedule schedule(facts_, assignment_);
    schedule.start(std::span(&b, 1));
    d.witness->schedule = std::move(schedule).moments();
    // `a` first would repair it, unless b comes before a already.
    d.fix = event_index_.order_that_repairs(a, b);
    return d;
}

// Where the other order is certain the words say so: then no schedule would do.
std::string OrderCounterexamples::too_early_text(Index a, Index b) const {
    const bool is_then = r_.demand.form == Form::then;
    if (reach(facts_, std::vector<Pair>{{b, a}})[0])
        return event_index_.path(b) + " always runs before " + event_index_.path(a) +
               (is_then || r_.demand.right_quantifier != Quantifier::every
                    ? ", and no `" + r_.demand.right->verb + "` comes after it"
                    : "");
    return is_then ? event_index_.path(a) + " is not followed by " + event_index_.path(b)
                   : event_index_.path(b) + " can start before " + event_index_.path(a) + " has finished";
}

// What is `early` has started before the failure, and a finishes after it; what is `late` then never starts.
Decision OrderCounterexamples::never_comes(Index a, const std::vector<Index>& early, const FailureScenario& scenario,
                                           const std::vector<Index>& late) const {
    std::vector<Index> nodes = late;
    if (std::find(late.begin(), late.end(), a) == late.end()) nodes.insert(nodes.begin(), a);
    const Index failed = scenario[0].nodes[0];
    const bool is_itself = std::find(late.begin(), late.end(), failed) != late.end();
    Decision d{.verdict = Verdict::violated,
               .reason = event_index_.path(failed) + " can fail while the others go on, and then " +
                         (is_itself ? "it" : event_index_.path(late[0])) + " never comes",
               .witness = event_index_.about(std::move(nodes)),
               .fails = failed};
    Schedule schedule(facts_, assignment_);
    schedule.start(early);
    schedule.abandon(scenario);
    schedule.finish(std::span(&a, 1));
    d.witness->schedule = std::move(schedule).moments();
    return d;
}

// What of the left side is lost fails first, its iteration is abandoned, and b starts in what goes on.
Decision OrderCounterexamples::partial_failure(const FailureScenario& scenario, Index b) const {
    std::vector<Index> nodes = schedule::failed_in(scenario);
    const Index lost = nodes[0];
    nodes.push_back(b);
    Decision d{.verdict = Verdict::violated,
               .reason = event_index_.path(lost) + " can fail while the others go on, and then " +
                         event_index_.path(b) + " comes all the same",
               .witness = event_index_.about(std::move(nodes)),
               .fails = lost};
    Schedule schedule(facts_, assignment_);
    schedule.abandon(scenario);
    schedule.start(std::span(&b, 1));
    d.witness->schedule = std::move(schedule).moments();
    return d;
}

// For a requirement with `some`: the schedule postpones every left event, and the text names one pair as an example. An
// event that is on both sides has no partner, and lacks one.
Decision OrderCounterexamples::too_early(const std::vector<StartsFirst>& postponed, Index a,
                                         const std::vector<Occurrence>& bs) const {
    const auto other = std::find_if(bs.begin(), bs.end(), [&](const Occurrence& b) { return b.node != a; });
    Decision d = lonely(a);
    if (other != bs.end()) {
        d.reason = too_early_text(a, other->node);
        d.witness = event_index_.about({a, other->node});
        d.fix = event_index_.order_that_repairs(a, other->node);
        d.step = other->node;
        d.other = a;
        d.lacks = Decision::Missing::nothing;
    }
    d.witness->schedule = schedule_with(facts_, assignment_, postponed).value_or(std::vector<Moment>());
    return d;
}

// The side of the requirement that the node is of is found by its verbs: the other one is missing.
Decision OrderCounterexamples::lonely(Index node) const {
    const bool is_left = std::any_of(facts_.events[node].begin(), facts_.events[node].end(),
                                     [&](const auto& e) { return facts_.verbs[e.verb] == r_.demand.left->verb; });
    const EventDemand& other = is_left ? *r_.demand.right : *r_.demand.left;
    Decision d{
        .verdict = Verdict::violated,
        .reason = "nothing does `" + other.verb + "` " + (is_left ? "after " : "before ") + event_index_.path(node),
        .witness = event_index_.about({node}),
        .step = node,
        .lacks = is_left ? Decision::Missing::right : Decision::Missing::left};
    Schedule schedule(facts_, assignment_);
    // The node alone, with what it waits for: the run goes through it and nothing of the other side is there.
    schedule.finish(std::span(&node, 1));
    d.witness->schedule = std::move(schedule).moments();
    return d;
}

}  // namespace pvsplan::checks
