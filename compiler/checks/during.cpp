// `every A while every P`, `every A while some P`: which states are possible while an event runs.
#include <algorithm>
#include <map>

#include "compiler/base/counted.hpp"
#include "compiler/checks/deciders.hpp"
#include "compiler/checks/witness.hpp"
#include "compiler/schedule/reach.hpp"
#include "compiler/schedule/schedule.hpp"

namespace pvsplan::checks {

using graph::Facts;
using graph::Index;
using schedule::Effect;
using schedule::FailureScenario;
using schedule::GuardAssignment;
using schedule::Interval;
using schedule::IntervalConjunction;
using schedule::meet;
using schedule::Overlap;
using schedule::Pair;
using schedule::PartialFailure;
using schedule::reach;
using schedule::Schedule;
using schedule::Timeline;
using schedule::Truth;
using schedule::Unknown;

using graph::no_index;
using program::ObjectId;

namespace {

Decision nothing_could_hold(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r,
                            Index event) {
    Decision d{
        .verdict = Verdict::violated,
        .reason = "there is no " + r.demand.state->text + " that could hold while " + event_index.path(event) + " runs",
        .witness = event_index.about({event}),
        .step = event};
    Schedule schedule(event_index.facts(), assignment);
    schedule.start(std::span(&event, 1));
    d.witness->schedule = std::move(schedule).moments();
    return d;
}

// `every A while every P`: each event with each object, or with the object of the event.
class During {
  public:
    During(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r)
        : event_index_(event_index), facts_(event_index.facts()), assignment_(assignment), r_(r) {}

    // The worst verdict of all cases; the first violation ends it. Of an event whose object has no such state `every`
    // asks nothing, and `some` cannot hold.
    Decision decide() {
        const std::vector<Occurrence> as = event_index_.matching(*r_.demand.left, assignment_);
        if (as.empty()) return vacuous(*r_.demand.left);
        const std::vector<ObjectId> all = event_index_.objects(*r_.demand.state);
        std::optional<Decision> worst;
        const auto ask_about = [&](Index node, ObjectId object) {
            if (worst && worst->verdict == Verdict::violated) return;
            ask(node, object);
            if (cases_.size() >= max_cases) judge_and_forget(worst);
        };
        for (const Occurrence& a : as) {
            if (!r_.demand.same_object)
                for (const ObjectId object : all) ask_about(a.node, object);
            else if (std::binary_search(all.begin(), all.end(), a.object))
                ask_about(a.node, a.object);
            else if (r_.demand.right_quantifier == Quantifier::some)
                return nothing_could_hold(event_index_, assignment_, r_, a.node);
        }
        // The last batch is judged even where it is not full.
        if (!asked_.empty()) judge_and_forget(worst);
        return worst.value_or(
            Decision{.verdict = Verdict::vacuous, .reason = "no " + r_.demand.state->text + " is asked about"});
    }

  private:
    struct Asked {
        Index node;
        const Timeline* line;
    };
    // P may be false throughout the conjunction of intervals. That violates the requirement if the event can run within
    // it.
    struct Case {
        std::size_t asked;
        IntervalConjunction conjunction;
        FailureScenario scenario;
        bool is_sure;
    };

    // Cases are judged in batches: large enough that one sweep over the plan serves many, small enough to bound memory.
    static constexpr std::size_t max_cases = 4096;
    void judge_and_forget(std::optional<Decision>& worst) {
        Decision one = judge();
        if (!worst || rank(one.verdict) > rank(worst->verdict)) worst = std::move(one);
        cases_.clear();
        asked_.clear();
        if (r_.demand.same_object || lines_.size() > max_cases) lines_.clear();
    }

    // The line of an object is kept for the events to come. Where not all failures are tried, everything that may fail
    // counts as open and unsure, which can make the verdict undecided and no worse.
    void ask(Index node, ObjectId object) {
        auto found = lines_.find(object);
        if (found == lines_.end())
            found =
                lines_.emplace(object, event_index_.timelines().of(*r_.demand.state->condition, object, assignment_))
                    .first;
        const Timeline& line = found->second;
        static constexpr std::size_t max_scenarios = 1024;
        // A failure matters where it abandons a change of the state, or the event itself. Where the event does not
        // happen it cannot violate anything.
        const PartialFailure failures(facts_, assignment_, {line.changes, {&node, 1}}, max_scenarios);
        for (const FailureScenario& scenario : failures.scenarios())
            if (failures.effects(std::span(&node, 1), scenario)[0] != Effect::does_not_happen)
                add(line, failures.effects(line.changes, scenario), scenario);
        if (!failures.are_all()) add(line, failures.open_effects(line.changes), {}, Unknown::counted);
        asked_.push_back({node, &line});
    }

    void add(const Timeline& line, const std::vector<Effect>& effects, const FailureScenario& scenario) {
        add(line, effects, scenario, Unknown::left_out);
        // What is sure is added above; this adds what is possible in addition, so that `holds` is never said too early.
        if (!is_known(line) || !is_tried(line)) add(line, effects, scenario, Unknown::counted);
    }
    void add(const Timeline& line, const std::vector<Effect>& effects, const FailureScenario& scenario,
             Unknown unknown) {
        std::vector<IntervalConjunction> conjunctions;
        if (is_tried(line)) conjunctions = event_index_.timelines().conjunctions(line, effects, Truth::no, unknown);
        // One interval without ends stands for all that was not tried: it is open whenever the event runs.
        else if (unknown == Unknown::counted)
            conjunctions = {{{.object = line.object}}};
        for (IntervalConjunction& conjunction : conjunctions)
            cases_.push_back({asked_.size(), std::move(conjunction), scenario, unknown == Unknown::left_out});
    }
    [[nodiscard]] bool is_tried(const Timeline& line) const {
        static constexpr std::size_t max_conjunctions = 4096;
        return line.is_total || event_index_.timelines().max_conjunctions(line) <= max_conjunctions;
    }

    // A case that surely happens counts before one that only may; among those that are left the one with the fewest
    // failures is told.
    Decision judge() const {
        std::vector<IntervalConjunction> events;
        for (const Asked& one : asked_) events.push_back({{.begin = one.node, .end = one.node}});
        std::vector<std::pair<const IntervalConjunction*, const IntervalConjunction*>> pairs;
        for (const Case& one : cases_) {
            // Two questions a case: can all be open while the event runs, and can they be open together? Intervals that
            // can meet pairwise can meet all at once.
            pairs.emplace_back(&one.conjunction, &events[one.asked]);
            pairs.emplace_back(&one.conjunction, &one.conjunction);
        }
        const std::vector<bool> can_meet = meet(facts_, pairs);
        const Case* worst = nullptr;
        for (std::size_t i = 0; i < cases_.size(); ++i) {
            const Case& one = cases_[i];
            if (!can_meet[2 * i] || !can_meet[2 * i + 1]) continue;
            if (!worst || (one.is_sure && !worst->is_sure) ||
                (one.is_sure == worst->is_sure && one.scenario.size() < worst->scenario.size()))
                worst = &one;
        }
        if (!worst) return {.verdict = Verdict::holds};
        if (!worst->is_sure) return undecided(event_index_, *asked_[worst->asked].line);
        return violated(*worst);
    }

    // A scenario has as many failures as are possible together. This removes those that the violation does not need.
    [[nodiscard]] Case shortest(Case found) const {
        const Asked& one = asked_[found.asked];
        // The event lasts from its own start to its own finish.
        const IntervalConjunction event{{.begin = one.node, .end = one.node}};
        const PartialFailure failures(facts_, assignment_, {one.line->changes, {&one.node, 1}}, 1024);
        for (std::size_t i = 0; i < found.scenario.size();) {
            FailureScenario fewer = found.scenario;
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
            const std::vector<IntervalConjunction> conjunctions = event_index_.timelines().conjunctions(
                *one.line, failures.effects(one.line->changes, fewer), Truth::no, Unknown::left_out);
            const auto shows_it =
                std::find_if(conjunctions.begin(), conjunctions.end(), [&](const IntervalConjunction& conjunction) {
                    const std::vector<bool> both = meet(facts_, {{&conjunction, &event}, {&conjunction, &conjunction}});
                    return both[0] && both[1];
                });
            // A failure that is needed stays; else the search goes on without it, at the same place.
            if (shows_it == conjunctions.end())
                ++i;
            else
                found.conjunction = *shows_it, found.scenario = std::move(fewer);
        }
        return found;
    }

    // What is blamed, in this order: a failure, a step that may be ending the state meanwhile, one that has ended it,
    // nothing that brought it about.
    Decision violated(const Case& worst) const {
        const Case minimal = shortest(worst);
        const Index a = asked_[minimal.asked].node;
        const Timeline& line = *asked_[minimal.asked].line;
        Decision d{.verdict = Verdict::violated};
        Witness witness{.objects = {line.object}, .nodes = {a}};
        const std::vector<Index> failed_nodes = schedule::failed_in(minimal.scenario);
        std::vector<Index> open{a};
        Index concurrent = no_index;  // a step that may be ending it meanwhile
        Index before = no_index;      // a step that has ended it
        for (const Interval& interval : minimal.conjunction) {
            // A state that holds from before the run was begun by no step.
            if (interval.begin == no_index) continue;
            open.push_back(interval.begin);
            const bool is_before = reach(facts_, std::vector<Pair>{{interval.begin, a}})[0];
            (is_before ? before : concurrent) = interval.begin;
        }
        std::sort(open.begin(), open.end());
        // A step may begin several of the intervals, and is started once.
        open.erase(std::unique(open.begin(), open.end()), open.end());
        const std::string what = r_.demand.state->text + " may not hold for " + event_index_.short_name(line.object) +
                                 " while " + event_index_.path(a) + " runs: ";
        // The text, the step to point at and the repair follow the same order of blame.
        if (!failed_nodes.empty())
            d.reason = what + event_index_.path(failed_nodes[0]) + " can fail before while others go on";
        else if (concurrent != no_index)
            d.reason = what + event_index_.path(concurrent) + " can be ending it";
        else if (before != no_index)
            d.reason = what + event_index_.path(before) + " has ended it";
        else
            d.reason = what + "nothing has brought it about", d.lacks = Decision::Missing::state;
        d.step = a;
        if (!failed_nodes.empty())
            d.fails = failed_nodes[0];
        else if (concurrent != no_index)
            d.step = concurrent, d.other = a;
        else if (before != no_index)
            d.other = before;
        if (concurrent != no_index) {
            witness.nodes.push_back(concurrent);
            if (failed_nodes.empty()) d.fix = event_index_.order_that_repairs(a, concurrent);
        }
        Schedule schedule(facts_, assignment_);
        schedule.abandon(minimal.scenario);
        // The schedule ends at the moment at which the event runs and P may be false: nothing that is open is finished.
        schedule.start(open);
        witness.schedule = std::move(schedule).moments();
        d.witness = std::move(witness);
        return d;
    }

    const EventIndex& event_index_;
    const Facts& facts_;
    const GuardAssignment& assignment_;
    const Requirement& r_;
    std::map<ObjectId, Timeline> lines_;
    std::vector<Asked> asked_;
    std::vector<Case> cases_;
};

// `every A while some P`: at each moment of each event P holds for some object.
class DuringSome {
  public:
    DuringSome(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r)
        : event_index_(event_index), facts_(event_index.facts()), assignment_(assignment), r_(r) {
        for (const ObjectId object : event_index_.objects(*r_.demand.state))
            lines_.push_back(event_index_.timelines().of(*r_.demand.state->condition, object, assignment_));
    }

    Decision decide() const {
        std::vector<Index> events = nodes_of(event_index_.matching(*r_.demand.left, assignment_));
        if (events.empty()) return vacuous(*r_.demand.left);
        if (lines_.empty()) return nothing_could_hold(event_index_, assignment_, r_, events[0]);
        // The common case: at every moment of the run some object satisfies P, so no event has to be looked at.
        if (Overlap(facts_, assignment_, event_index_.timelines(), lines_, Truth::no).bound(Unknown::counted) <
            lines_.size())
            return {.verdict = Verdict::holds};
        // A step may do the verb on several objects; it is one event here. nodes_of() ascends, so equal ones are
        // neighbours.
        events.erase(std::unique(events.begin(), events.end()), events.end());
        static constexpr std::size_t max_nodes = 50'000'000;  // for all events together
        if (events.size() * std::size_t{facts_.size()} > max_nodes)
            return {.verdict = Verdict::undecided,
                    .reason = "it is asked of " + base::counted(events.size(), "step") + ", more than are tried"};
        Decision worst{.verdict = Verdict::holds};
        for (const Index event : events) {
            if (Decision one = ask(event); rank(one.verdict) > rank(worst.verdict)) worst = std::move(one);
            if (worst.verdict == Verdict::violated) break;
        }
        return worst;
    }

  private:
    // Violated if all objects can be otherwise while the event runs; proved if even what is not known cannot make it
    // all of them.
    [[nodiscard]] Decision ask(Index event) const {
        const Overlap others(facts_, assignment_, event_index_.timelines(), lines_, Truth::no, event);
        const Overlap::MaxOverlap sure = others.maximum(Unknown::left_out);
        if (sure.open.size() == lines_.size())
            return {.verdict = Verdict::violated,
                    .reason = "no " + r_.demand.state->text + " may be left while " + event_index_.path(event) +
                              " runs: " + names_of(event_index_, sure.open) + " can be otherwise" +
                              (lines_.size() == 1 ? "" : " at once") + after_failure(event_index_, sure.scenario),
                    .witness = overlap_of(event_index_, assignment_, sure, {event}),
                    .step = event};
        if (others.bound(Unknown::counted) < lines_.size()) return {.verdict = Verdict::holds};
        return undecided(event_index_, lines_);
    }

    const EventIndex& event_index_;
    const Facts& facts_;
    const GuardAssignment& assignment_;
    const Requirement& r_;
    std::vector<Timeline> lines_;
};

}  // namespace

Decision decide_during(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r) {
    const bool is_of_all = r.demand.right_quantifier == Quantifier::some && !r.demand.same_object;
    return is_of_all ? DuringSome(event_index, assignment, r).decide() : During(event_index, assignment, r).decide();
}

}  // namespace pvsplan::checks
