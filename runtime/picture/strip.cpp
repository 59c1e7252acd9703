#include <algorithm>

#include "runtime/picture/drawing.hpp"
#include "runtime/picture/words.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::picture {
namespace {

using checks::WorstMoment;

std::int64_t room(const WorstMoment& worst) { return worst.allowed - static_cast<std::int64_t>(worst.open.size()); }

}  // namespace

// None where nothing is counted. Of those that are equal the first one, as the plan has them.
std::optional<std::size_t> requirement_shown(const std::vector<checks::Decision>& decisions) {
    std::optional<std::size_t> shown;
    const auto is_better = [&](std::size_t one, std::size_t other) {
        const auto is_violated = [&](std::size_t i) { return decisions[i].verdict == checks::Verdict::violated; };
        if (is_violated(one) != is_violated(other)) return is_violated(one);
        return room(*decisions[one].worst) < room(*decisions[other].worst);
    };
    for (std::size_t i = 0; i < decisions.size(); ++i)
        if (decisions[i].worst && (!shown || is_better(i, *shown))) shown = i;
    return shown;
}

// Whatever would end one of the intervals is drawn after all of them have begun; the proof says that such an order
// exists.
Delays delays_for(const WorstMoment& worst, const Timeplan& time) {
    At all_begun = 0;
    for (const schedule::IntervalConjunction& open : worst.open)
        for (const schedule::Interval& one : open)
            if (one.begin != graph::no_index) all_begun = std::max(all_begun, time.drawn[one.begin].from);
    Delays delays;
    for (const schedule::IntervalConjunction& open : worst.open)
        for (const schedule::Interval& one : open)
            if (one.end != graph::no_index && time.drawn[one.end].to <= all_begun) delays[one.end] = all_begun;
    return delays;
}

// For a plan the worst moment of any order; for a run only what was.
Strip strip_of(const Drawing& drawing, std::size_t requirement) {
    const program::Requirement& r = drawing.plan.requirements[requirement];
    const WorstMoment& worst = *drawing.decisions[requirement].worst;
    const schedule::Truth counted = worst.counts_in_state ? schedule::Truth::yes : schedule::Truth::no;
    const Watched watched{&r, r.demand.state->condition.get(), counted};
    Strip strip{.name = r.name,
                .counted = plural_of(drawing.plan, r.demand.state->kind) + " possibly " +
                           (worst.counts_in_state ? "" : "not ") + view::state_word(*r.demand.state),
                .members = static_cast<std::uint32_t>(worst.members.size()),
                .allowed = worst.allowed,
                .reached = static_cast<std::uint32_t>(worst.open.size()),
                .is_violated = drawing.is_violated(requirement)};
    if (r.demand.per && !worst.members.empty())
        strip.scope = "in " + drawing.index.key(*r.demand.per, worst.members.front());
    std::vector<std::vector<Band>> bands;
    for (const program::ObjectId object : worst.members) bands.push_back(drawing.states.bands_of(watched, object));
    std::vector<const std::vector<Band>*> all;
    for (const std::vector<Band>& one : bands) all.push_back(&one);
    strip.overlaps = overlaps_of(all);
    if (drawing.ran != nullptr) {  // the worst that could have been is nothing of what was
        strip.reached = 0;
        for (const Overlap& overlap : strip.overlaps) strip.reached = std::max(strip.reached, overlap.perhaps);
        return strip;
    }
    Stretch common{0, drawing.time.end};
    for (const schedule::IntervalConjunction& open : worst.open) {
        strip.worst.push_back(drawing.index.short_name(open.front().object));
        const Stretch drawn = drawing.states.drawn(open);
        common = {std::max(common.from, drawn.from), std::min(common.to, drawn.to)};
    }
    if (!worst.open.empty() && common.from < common.to) strip.worst_at = (common.from + common.to) / 2;
    return strip;
}

}  // namespace pvsplan::picture
