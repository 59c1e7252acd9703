#include <algorithm>

#include "compiler/checks/deciders.hpp"
#include "compiler/checks/witness.hpp"
#include "compiler/schedule/schedule.hpp"

namespace pvsplan::checks {

using graph::Index;
using schedule::GuardAssignment;
using schedule::Schedule;
using schedule::Timeline;
using schedule::Truth;

using program::ObjectId;

// Asks about complete runs: there each state has the value that its last writer has set.
Decision decide_finally(const EventIndex& event_index, const GuardAssignment& assignment, const Requirement& r) {
    // `every`: one object that surely fails refutes it. `some`: all have to fail surely, and none may be open.
    const bool is_every = r.demand.right_quantifier == Quantifier::every;
    std::vector<Timeline> failing;
    std::optional<Timeline> open;
    bool some_hold = false;
    for (const ObjectId object : event_index.objects(*r.demand.state)) {
        Timeline line = event_index.timelines().of(*r.demand.state->condition, object, assignment);
        switch (line.last()) {
            case Truth::yes: some_hold = true; break;
            case Truth::unknown: open = std::move(line); break;
            case Truth::no: failing.push_back(std::move(line)); break;
        }
    }
    const bool is_violated = is_every ? !failing.empty() : !some_hold && !open;
    if (!is_violated) return open && (is_every || !some_hold) ? undecided(event_index, *open) : Decision{};
    // One is enough to show it, and keeps the schedule short.
    if (is_every) failing.resize(1);
    Decision d{.verdict = Verdict::violated, .witness = Witness{}};
    std::vector<Index> changes;
    for (const Timeline& line : failing) {
        d.witness->objects.push_back(line.object);
        changes.insert(changes.end(), line.changes.begin(), line.changes.end());
        if (!line.changes.empty()) d.witness->nodes.push_back(line.changes.back());
    }
    if (!d.witness->nodes.empty()) d.step = d.witness->nodes.front();
    // The remedy is something that brings the state about, whoever ended it.
    d.lacks = Decision::Missing::state;
    if (is_every) d.reads = event_index.timelines().variables_read(*r.demand.state->condition, failing[0].object);
    const std::string last =
        d.witness->nodes.empty() ? "" : event_index.path(d.witness->nodes.front()) + " leaves it so";
    if (is_every)
        d.reason = r.demand.state->text + " does not hold for " + event_index.short_name(failing[0].object) +
                   " at the end" + (last.empty() ? "" : ": " + last);
    else
        d.reason = "no " + r.demand.state->text + " is left at the end" + (last.empty() ? "" : ": " + last);
    std::sort(changes.begin(), changes.end());
    changes.erase(std::unique(changes.begin(), changes.end()), changes.end());
    Schedule schedule(event_index.facts(), assignment);
    // All writers of these states have finished in the schedule: only then is the last value the last one.
    schedule.finish(changes);
    d.witness->schedule = std::move(schedule).moments();
    return d;
}

}  // namespace pvsplan::checks
