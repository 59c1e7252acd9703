// `always at most n P`, `at least`, `exactly`: how many objects can satisfy P at one moment of a run.
#include <algorithm>
#include <map>

#include "compiler/checks/deciders.hpp"
#include "compiler/checks/witness.hpp"
#include "compiler/schedule/reach.hpp"

namespace pvsplan::checks {

using graph::Facts;
using graph::Index;
using schedule::evaluate_for;
using schedule::GuardAssignment;
using schedule::IntervalConjunction;
using schedule::Overlap;
using schedule::Pair;
using schedule::reach;
using schedule::Timeline;
using schedule::Truth;
using schedule::Unknown;

using graph::no_index;
using program::ObjectId;

namespace {

class Always {
  public:
    Always(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r, std::int64_t wanted)
        : event_index_(event_index), facts_(event_index.facts()), assignment_(assignment), r_(r), wanted_(wanted) {}

    // Decides for the objects of one group, whose name is `of`.
    [[nodiscard]] Decision over(const std::vector<ObjectId>& members, const std::string& of) const {
        std::vector<Timeline> lines;
        lines.reserve(members.size());
        for (const ObjectId object : members)
            lines.push_back(event_index_.timelines().of(*r_.demand.state->condition, object, assignment_));
        // `exactly n` is both bounds at once. Where each alone is open a change of the count still refutes it.
        if (r_.demand.bound != Bound::exactly) return bounded(lines, of, r_.demand.bound);
        Decision most = bounded(lines, of, Bound::at_most);
        if (most.verdict == Verdict::violated) return most;
        Decision least = bounded(lines, of, Bound::at_least);
        if (rank(least.verdict) < rank(most.verdict)) return most;
        return least.verdict == Verdict::undecided ? changed(lines).value_or(std::move(least)) : least;
    }

  private:
    // `at least n` is `at most N - n` of those that are not in the state. First what surely can be is looked at, which
    // violates; then a bound on all that may be, which proves; between the two it is undecided.
    [[nodiscard]] Decision bounded(const std::vector<Timeline>& lines, const std::string& of, Bound bound) const {
        const auto size = static_cast<std::int64_t>(lines.size());
        const bool is_least = bound == Bound::at_least;
        const std::int64_t max_counted =
            is_least ? size - wanted_ : wanted_;  // of the objects that are counted, at one moment
        const auto reached = [&](std::size_t open) {
            const auto n = static_cast<std::int64_t>(open);
            return is_least ? size - n : n;
        };
        const Overlap overlap(facts_, assignment_, event_index_.timelines(), lines, is_least ? Truth::no : Truth::yes);
        const Overlap::MaxOverlap sure = overlap.maximum(Unknown::left_out);
        const WorstMoment worst{members_of(lines), sure.open, !is_least, max_counted};
        Decision d{.verdict = Verdict::violated, .worst = worst, .reached = reached(sure.open.size())};
        if (static_cast<std::int64_t>(sure.open.size()) > max_counted) {
            describe(sure, of, is_least, d);
            return d;
        }
        const std::size_t limit = overlap.bound(Unknown::counted);
        d = {.verdict = Verdict::holds, .worst = worst, .reached = reached(limit)};
        if (static_cast<std::int64_t>(limit) <= max_counted) return d;
        d = undecided(event_index_, lines);
        d.worst = worst;
        d.reached = reached(limit);
        return d;
    }

    static std::vector<ObjectId> members_of(const std::vector<Timeline>& lines) {
        std::vector<ObjectId> members;
        members.reserve(lines.size());
        for (const Timeline& line : lines) members.push_back(line.object);
        return members;
    }

    // A count that changes is not exact at every moment, whatever it is at first.
    [[nodiscard]] std::optional<Decision> changed(const std::vector<Timeline>& lines) const {
        for (const Timeline& line : lines) {
            // Both truths must surely be possible for one object: then the count differs between two moments.
            const Overlap::MaxOverlap with = alone(line, Truth::yes);
            const Overlap::MaxOverlap without = alone(line, Truth::no);
            if (with.open.empty() || without.open.empty()) continue;
            Decision d{
                .verdict = Verdict::violated,
                .reason = r_.demand.state->text + " changes for " + event_index_.short_name(line.object) +
                          ", so there are not " + std::to_string(wanted_) + " at every moment",
                .witness = overlap_of(event_index_, assignment_, begins_of(with.open).empty() ? without : with, {})};
            d.witness->objects.clear();
            for (const Timeline& one : lines) d.witness->objects.push_back(one.object);
            return d;
        }
        return std::nullopt;
    }
    // The overlap of one line says whether it can have this truth at any moment at all, and how a run comes there.
    [[nodiscard]] Overlap::MaxOverlap alone(const Timeline& line, Truth truth) const {
        return Overlap(facts_, assignment_, event_index_.timelines(), {line}, truth).maximum(Unknown::left_out);
    }

    // Says what is reached and what is wanted, shows a schedule that comes there, and names two steps to put in order:
    // the pair without an order if there is one, else the first and the last that begin what is counted.
    void describe(const Overlap::MaxOverlap& max_overlap, const std::string& of, bool is_least, Decision& d) const {
        const std::string who = names_of(event_index_, max_overlap.open);
        const std::string where = of.empty() ? "" : " of " + of;
        const std::string wanted = std::to_string(wanted_) + (wanted_ == 1 ? " is" : " are");
        const bool is_exact = r_.demand.bound == Bound::exactly;
        const std::string reached = std::to_string(std::max<std::int64_t>(0, d.reached));
        const bool is_one = max_overlap.open.size() == 1;
        // A lower bound is told by what remains, an upper one by what is reached.
        if (is_least)
            d.reason = (d.reached <= 0 ? "no " : "only " + reached + " ") + r_.demand.state->text + where +
                       " may be left, " + (is_exact ? "exactly " : "at least ") + wanted + " required" +
                       (max_overlap.open.empty() ? "" : ": " + who + " can be otherwise" + (is_one ? "" : " at once"));
        else
            d.reason = reached + " " + r_.demand.state->text + where +
                       (is_one ? " is possible, " : " are possible at once, ") +
                       (wanted_ == 0 ? "none is allowed"
                        : is_exact   ? "exactly " + wanted + " required"
                                     : "at most " + wanted + " allowed") +
                       ": " + who;
        d.reason += after_failure(event_index_, max_overlap.scenario);
        d.witness = overlap_of(event_index_, assignment_, max_overlap, {});
        if (max_overlap.scenario.empty()) d.fix = missing_order(max_overlap.open);
        const std::vector<Index> begins = begins_of(max_overlap.open);
        if (!max_overlap.scenario.empty()) d.fails = max_overlap.scenario[0].nodes[0];
        if (d.fix)
            d.step = d.fix->after, d.other = d.fix->before;
        else if (!begins.empty())
            d.step = begins.back();
        if (begins.size() > 1 && !d.other) d.other = begins.front();
        if (begins.empty()) d.lacks = Decision::Missing::state;
    }

    // An order that is missing between two of them: the later one would wait until the earlier one is over.
    [[nodiscard]] std::optional<Decision::MissingOrder> missing_order(
        const std::vector<IntervalConjunction>& open) const {
        for (const IntervalConjunction& a : open)
            for (const IntervalConjunction& b : open)
                if (a.size() == 1 && b.size() == 1 && a[0].end != no_index && b[0].begin != no_index &&
                    a[0].object != b[0].object && a[0].end != b[0].begin &&
                    !reach(facts_, std::vector<Pair>{{b[0].begin, a[0].end}})[0])
                    return Decision::MissingOrder{a[0].end, b[0].begin};
        return std::nullopt;
    }

    const EventIndex& event_index_;
    const Facts& facts_;
    const GuardAssignment& assignment_;
    const Requirement& r_;
    std::int64_t wanted_;
};

}  // namespace

// One group without `per`, also if the farm has no such object: `at least 1` is then violated, not vacuous. Of equal
// verdicts the tightest group is kept.
Decision decide_always(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r) {
    const program::Value number = evaluate_for(event_index.facts(), *r.demand.number, {});
    const std::int64_t* wanted = number.as_integer();
    if (!wanted)
        return {
            .verdict = Verdict::undecided, .reason = "the number is not known", .missing = event_index.missing(number)};
    std::map<std::string, std::vector<ObjectId>> groups;
    for (const ObjectId object : event_index.objects(*r.demand.state))
        groups[r.demand.per ? event_index.key(*r.demand.per, object) : std::string()].push_back(object);
    if (groups.empty() && !r.demand.per) groups[""];
    const Always always(event_index, assignment, r, *wanted);
    std::optional<Decision> worst;
    for (const auto& [name, members] : groups) {
        Decision one = always.over(members, name);
        const bool is_tighter =
            worst && r.demand.bound != Bound::exactly &&
            (r.demand.bound == Bound::at_least ? one.reached < worst->reached : one.reached > worst->reached);
        if (!worst || rank(one.verdict) > rank(worst->verdict) || (one.verdict == worst->verdict && is_tighter))
            worst = std::move(one);
    }
    return worst.value_or(Decision{.verdict = Verdict::holds});
}

}  // namespace pvsplan::checks
