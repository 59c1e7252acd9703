#include <algorithm>
#include <map>

#include "compiler/base/counted.hpp"
#include "compiler/checks/deciders.hpp"
#include "compiler/schedule/schedule.hpp"

namespace pvsplan::checks {

using schedule::evaluate_for;
using schedule::GuardAssignment;
using schedule::Schedule;
namespace {

// The wanted number as the end of a sentence, for findings about a count.
std::string required(const Requirement& r, std::int64_t number) {
    const bool is_one = number == 1;
    const std::string n = std::to_string(number);
    switch (r.demand.bound) {
        case Bound::at_least: return "at least " + n + (is_one ? " is" : " are") + " required";
        case Bound::at_most: return "at most " + n + (is_one ? " is" : " are") + " allowed";
        case Bound::exactly: break;
    }
    return "exactly " + n + (is_one ? " is" : " are") + " required";
}

// A run that has abandoned an iteration is not complete, so failures are not considered.
Decision counted(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r,
                 const std::vector<Occurrence>& found, std::int64_t wanted, const std::string& of) {
    const auto number = static_cast<std::int64_t>(found.size());
    const bool too_many = r.demand.bound != Bound::at_least && number > wanted;
    const bool too_few = r.demand.bound != Bound::at_most && number < wanted;
    Decision d{.verdict = Verdict::holds, .reached = number};
    if (!too_many && !too_few) return d;
    d.verdict = Verdict::violated;
    const std::string what = "`" + r.demand.left->verb + "`" + (of.empty() ? "" : " for " + of);
    d.reason = (number == 0 ? "no step does " + what
                            : what + " happens " + (number == 1 ? "once" : base::counted(found.size(), "time"))) +
               "; " + required(r, wanted);
    Witness witness;
    for (const Occurrence& h : found) {
        witness.nodes.push_back(h.node);
        witness.objects.push_back(h.object);
    }
    if (too_many) {  // too few: any schedule shows it
        Schedule schedule(event_index.facts(), assignment);
        schedule.finish(witness.nodes);
        d.step = found[static_cast<std::size_t>(std::max<std::int64_t>(wanted, 0))].node;  // the first in excess
        witness.schedule = std::move(schedule).moments();
    }
    if (too_few) d.lacks = Decision::Missing::left;
    d.witness = std::move(witness);
    return d;
}

}  // namespace

// With `per` there is a group for every key that an object of the farm has, so that a server without the event is
// counted as 0. Ordered by key: the first violation is the same on every machine.
Decision decide_count(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r) {
    const program::Value number = evaluate_for(event_index.facts(), *r.demand.number, {});
    const std::int64_t* wanted = number.as_integer();
    if (!wanted)
        return {
            .verdict = Verdict::undecided, .reason = "the number is not known", .missing = event_index.missing(number)};
    const std::vector<Occurrence> all = event_index.matching(*r.demand.left, assignment);
    if (!r.demand.left->per) return counted(event_index, assignment, r, all, *wanted, "");
    std::map<std::string, std::vector<Occurrence>> groups;
    for (const program::ObjectId object : event_index.facts().objects_of(r.demand.left->kind))
        if (event_index.is_true(r.demand.left->where, object)) groups[event_index.key(*r.demand.left->per, object)];
    for (const Occurrence& h : all) groups[event_index.key(*r.demand.left->per, h.object)].push_back(h);
    for (const auto& [name, group] : groups)
        if (Decision one = counted(event_index, assignment, r, group, *wanted, name); one.verdict == Verdict::violated)
            return one;
    return {.verdict = Verdict::holds};
}

// One event in one run is enough: it is the first in the order of the nodes.
Decision decide_never(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r) {
    const std::vector<Occurrence> found = event_index.matching(*r.demand.left, assignment);
    if (found.empty()) return {.verdict = Verdict::holds, .reached = 0};
    Decision d{.verdict = Verdict::violated,
               .reason = "`" + r.demand.left->verb + "` happens in " + event_index.path(found[0].node),
               .reached = static_cast<std::int64_t>(found.size())};
    Schedule schedule(event_index.facts(), assignment);
    schedule.finish(std::span(&found[0].node, 1));
    d.witness =
        Witness{.schedule = std::move(schedule).moments(), .objects = {found[0].object}, .nodes = {found[0].node}};
    d.step = found[0].node;
    return d;
}

}  // namespace pvsplan::checks
