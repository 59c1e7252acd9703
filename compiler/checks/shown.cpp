#include "compiler/checks/shown.hpp"

#include <algorithm>

#include "compiler/checks/schedule.hpp"

namespace pvsplan::checks {

using graph::no_index;

bool is_known(const Timeline& line) { return !line.unknown && line.first() != Truth::unknown; }

Decision undecided(const Subject& subject, const Timeline& line) {
    if (is_known(line))
        return {.verdict = Verdict::undecided,
                .reason = "states of `" + subject.facts().object_name(line.object) +
                          "` may change, or be left behind, in more ways than are tried"};
    return {.verdict = Verdict::undecided,
            .reason = "it depends on what is not known yet",
            .missing = subject.missing(line)};
}

std::vector<Index> begins_of(const std::vector<Box>& open) {
    std::vector<Index> begins;
    for (const Box& box : open)
        for (const Interval& interval : box)
            if (interval.begin != no_index) begins.push_back(interval.begin);
    std::sort(begins.begin(), begins.end());
    begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
    return begins;
}

std::string names_of(const Subject& subject, const std::vector<Box>& open) {
    static constexpr std::size_t most_named = 5;
    std::string names;
    for (std::size_t i = 0; i < open.size() && i < most_named; ++i)
        names += (i == 0 ? "" : ", ") + subject.short_name(open[i][0].object);
    return open.size() <= most_named ? names : names + " and " + std::to_string(open.size() - most_named) + " more";
}

Witness crowd_of(const Subject& subject, const World& world, const Crowd::Width& width, std::vector<Index> events) {
    Witness witness;
    for (const Box& box : width.open) witness.objects.push_back(box[0].object);
    witness.nodes = begins_of(width.open);
    witness.nodes.insert(witness.nodes.begin(), events.begin(), events.end());
    events = witness.nodes;
    std::sort(events.begin(), events.end());
    events.erase(std::unique(events.begin(), events.end()), events.end());
    Schedule schedule(subject.facts(), world);
    schedule.leave_behind(width.way);
    schedule.start(events);
    witness.schedule = std::move(schedule).moments();
    return witness;
}

std::string after_failure(const Subject& subject, const Way& way) {
    return way.empty() ? "" : ", after " + subject.path(way[0].nodes[0]) + " has failed while others go on";
}

}  // namespace pvsplan::checks
