#include "compiler/checks/witness.hpp"

#include <algorithm>

#include "compiler/base/lists.hpp"
#include "compiler/schedule/schedule.hpp"

namespace pvsplan::checks {

using graph::Index;
using schedule::FailureScenario;
using schedule::GuardAssignment;
using schedule::Interval;
using schedule::IntervalConjunction;
using schedule::Overlap;
using schedule::Schedule;
using schedule::Timeline;
using schedule::Truth;

using graph::no_index;

// A value of which nothing is known, or a truth that depends on one, makes a line open.
bool is_known(const Timeline& line) { return !line.unknown && line.first() != Truth::unknown; }

// With all values known only the number of ways is a reason. Else a value is missing, and is named if it has a name.
Decision undecided(const EventIndex& event_index, const Timeline& line) {
    if (is_known(line))
        return {.verdict = Verdict::undecided,
                .reason = "states of `" + event_index.facts().object_name(line.object) +
                          "` may change, or be abandoned halfway, in more ways than are tried"};
    return {.verdict = Verdict::undecided,
            .reason = "it depends on what is not known yet",
            .missing = event_index.missing(line)};
}

Decision undecided(const EventIndex& event_index, const std::vector<Timeline>& lines) {
    // The first line with a missing value is the reason that a person can do something about.
    const auto unknown = std::find_if_not(lines.begin(), lines.end(), is_known);
    return undecided(event_index, unknown == lines.end() ? lines.front() : *unknown);
}

// The steps that begin what is open at once. A state that holds from before the run has none.
std::vector<Index> begins_of(const std::vector<IntervalConjunction>& open) {
    std::vector<Index> begins;
    for (const IntervalConjunction& conjunction : open)
        for (const Interval& interval : conjunction)
            if (interval.begin != no_index) begins.push_back(interval.begin);
    std::sort(begins.begin(), begins.end());
    begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
    return begins;
}

std::string names_of(const EventIndex& event_index, const std::vector<IntervalConjunction>& open) {
    static constexpr std::size_t max_named = 5;
    return base::some_of(open, max_named, [&](const IntervalConjunction& conjunction) {
        return event_index.short_name(conjunction[0].object);
    });
}

// First the failures, then the starts: an abandoned iteration leaves its state open, and the others begin theirs.
Witness overlap_of(const EventIndex& event_index, const GuardAssignment& assignment,
                   const Overlap::MaxOverlap& max_overlap, std::vector<Index> events) {
    Witness witness;
    for (const IntervalConjunction& conjunction : max_overlap.open) witness.objects.push_back(conjunction[0].object);
    witness.nodes = begins_of(max_overlap.open);
    witness.nodes.insert(witness.nodes.begin(), events.begin(), events.end());
    events = witness.nodes;
    std::sort(events.begin(), events.end());
    events.erase(std::unique(events.begin(), events.end()), events.end());
    Schedule schedule(event_index.facts(), assignment);
    schedule.abandon(max_overlap.scenario);
    schedule.start(events);
    witness.schedule = std::move(schedule).moments();
    return witness;
}

// One failure is named, the first; the schedule shows the others.
std::string after_failure(const EventIndex& event_index, const FailureScenario& scenario) {
    return scenario.empty() ? ""
                            : ", after " + event_index.path(scenario[0].nodes[0]) + " has failed while others go on";
}

}  // namespace pvsplan::checks
