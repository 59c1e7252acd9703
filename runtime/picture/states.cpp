#include "runtime/picture/states.hpp"

#include <algorithm>

namespace pvsplan::picture {
namespace {

using program::Demand;
using schedule::Effect;
using schedule::Timeline;
using schedule::Truth;
using schedule::Unknown;

Truth opposite(Truth truth) { return truth == Truth::yes ? Truth::no : Truth::yes; }

// The stretches are few: one for each change of an object.
bool is_in(const std::vector<Stretch>& all, At from, At to) {
    return std::any_of(all.begin(), all.end(), [&](const Stretch& s) { return s.from <= from && to <= s.to; });
}

// Both are where the truth is possible: where one is and the other is not, it is sure. Bands lie side by side from 0 to
// `end`; neighbours differ. Where neither truth is possible nothing is counted.
std::vector<Band> bands_between(const std::vector<Stretch>& counted, const std::vector<Stretch>& others, At end) {
    std::vector<At> cuts = {0, end};
    for (const auto* all : {&counted, &others})
        for (const Stretch& s : *all) cuts.insert(cuts.end(), {s.from, s.to});
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    std::vector<Band> bands;
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
        const bool is_counted = is_in(counted, cuts[i], cuts[i + 1]);
        const bool may_be_other = is_in(others, cuts[i], cuts[i + 1]);
        const Counted level = !is_counted ? Counted::no : may_be_other ? Counted::perhaps : Counted::surely;
        if (!bands.empty() && bands.back().counted == level)
            bands.back().when.to = cuts[i + 1];
        else
            bands.push_back({{cuts[i], cuts[i + 1]}, level});
    }
    return bands;
}

// What is not known may be either.
Counted counted_by(const schedule::Truths& truths, Truth counted) {
    const bool may_be = truths.has(counted) || truths.has(Truth::unknown);
    const bool may_not = truths.has(opposite(counted)) || truths.has(Truth::unknown);
    return !may_be ? Counted::no : may_not ? Counted::perhaps : Counted::surely;
}

// As a run tells it: of a step that failed or is under way nobody knows whether it has had its effect.
Effect effect_of(StepStatus status) {
    switch (status) {
        case StepStatus::done:
        case StepStatus::rolled_back: return Effect::happens;
        case StepStatus::running:
        case StepStatus::failed:
        case StepStatus::in_doubt: return Effect::may_happen;
        case StepStatus::planned:
        case StepStatus::skipped: break;
    }
    return Effect::does_not_happen;
}

}  // namespace

// A `finally` alone would mark an object as down that never was up: so it counts only where all hold at first.
std::optional<Watched> watched_of(const checks::EventIndex& index, const std::vector<program::Requirement>& all,
                                  const std::string& kind) {
    const auto is_of_kind = [&](const program::Requirement& r) {
        return r.demand.state && r.demand.state->kind == kind;
    };
    for (const program::Requirement& r : all)
        if (is_of_kind(r) && r.demand.form == Demand::Form::always)
            return Watched{&r, r.demand.state->condition.get(),
                           r.demand.bound == Demand::Bound::at_least ? Truth::no : Truth::yes};
    for (const program::Requirement& r : all) {
        if (!is_of_kind(r) || r.demand.form != Demand::Form::finally_) continue;
        const auto objects = index.objects(*r.demand.state);
        const auto holds_at_first = [&](program::ObjectId object) {
            return index.timelines().of(*r.demand.state->condition, object, {}).first() == Truth::yes;
        };
        if (!objects.empty() && std::all_of(objects.begin(), objects.end(), holds_at_first))
            return Watched{&r, r.demand.state->condition.get(), Truth::no};
    }
    return std::nullopt;
}

Timeline States::line_of(const Watched& watched, program::ObjectId object) const {
    return index_.timelines().of(*watched.condition, object, {});
}

// In a run: what became of each step. In a plan a step that a guard decides may or may not happen.
std::vector<Effect> States::effects_of(const Timeline& line) const {
    std::vector<Effect> effects;
    for (const graph::Index node : line.changes)
        effects.push_back(!statuses_.empty()                              ? effect_of(statuses_[node])
                          : index_.facts().guard[node] != graph::no_guard ? Effect::may_happen
                                                                          : Effect::happens);
    return effects;
}

// An interval without a begin is open from the beginning, one without an end to the end.
Stretch States::drawn(const schedule::IntervalConjunction& open) const {
    Stretch all{0, time_.end};
    for (const schedule::Interval& one : open) {
        if (one.begin != graph::no_index) all.from = std::max(all.from, time_.drawn[one.begin].from);
        if (one.end != graph::no_index) all.to = std::min(all.to, time_.drawn[one.end].to);
    }
    return all;
}

// Both truths are asked for: where each is possible it may be either.
std::vector<Band> States::bands_of(const Watched& watched, program::ObjectId object) const {
    const Timeline line = line_of(watched, object);
    const std::vector<Effect> effects = effects_of(line);
    const auto stretches = [&](Truth truth) {
        std::vector<Stretch> all;
        for (const auto& open : index_.timelines().conjunctions(line, effects, truth, Unknown::counted))
            if (const Stretch s = drawn(open); s.from < s.to) all.push_back(s);
        return all;
    };
    std::vector<Band> bands =
        bands_between(stretches(watched.counted), stretches(opposite(watched.counted)), time_.end);
    if (!undone_.steps.empty() || !undone_.recovered.empty()) add_undone(line, watched, bands);
    return bands;
}

// Behind the end of the plan: what undoes a step brings back the state from before it. A step that is undone goes
// through a time in which its state is not known. What `recover` works on is not known as long as it does.
void States::add_undone(const Timeline& line, const Watched& watched, std::vector<Band>& bands) const {
    std::vector<std::pair<Stretch, std::size_t>> undone;
    for (std::size_t i = 0; i < line.changes.size(); ++i)
        if (const auto found = undone_.steps.find(line.changes[i]); found != undone_.steps.end())
            undone.emplace_back(found->second, i);
    std::sort(undone.begin(), undone.end(), [](const auto& a, const auto& b) { return a.first.from < b.first.from; });
    for (const auto& [when, change] : undone) {
        Band& last = bands.back();
        last.when.to = std::max(last.when.to, when.from);
        const Counted next = counted_by(line.stretches[2 * change], watched.counted);
        if (next == last.counted) {
            last.when.to = when.to;
            continue;
        }
        bands.push_back({when, Counted::perhaps});
        bands.push_back({{when.to, when.to}, next});
    }
    const auto recovered = undone_.recovered.find(index_.facts().object_name(line.object));
    if (recovered == undone_.recovered.end()) return;
    const Stretch& open = recovered->second;
    const Counted after = bands.back().counted;
    std::erase_if(bands, [&](const Band& band) { return band.when.from >= open.from; });
    bands.back().when.to = open.from;
    bands.push_back({open, Counted::perhaps});
    bands.push_back({{open.to, open.to}, after});
}

// For who does not see the bands: the same stretches.
std::string States::words_of(const Watched& watched, program::ObjectId object) const {
    const Timeline line = line_of(watched, object);
    std::string words;
    for (const auto& open :
         index_.timelines().conjunctions(line, effects_of(line), watched.counted, Unknown::counted)) {
        const schedule::Interval& one = open.front();
        const graph::Facts& facts = index_.facts();
        words += (words.empty() ? "from " : ", from ") +
                 (one.begin == graph::no_index ? "the beginning" : facts.path(one.begin)) + " to " +
                 (one.end == graph::no_index ? "the end" : facts.path(one.end));
    }
    return words;
}

// A sweep over the moments at which anything changes; what counts nobody, or has no length, is left out.
std::vector<Overlap> overlaps_of(const std::vector<const std::vector<Band>*>& all) {
    struct Change {
        int perhaps = 0;
        int surely = 0;
    };
    std::map<At, Change> changes;
    for (const std::vector<Band>* bands : all)
        for (const Band& band : *bands) {
            if (band.counted == Counted::no) continue;
            const int sure = band.counted == Counted::surely ? 1 : 0;
            changes[band.when.from].perhaps += 1, changes[band.when.from].surely += sure;
            changes[band.when.to].perhaps -= 1, changes[band.when.to].surely -= sure;
        }
    std::vector<Overlap> overlaps;
    int perhaps = 0;
    int surely = 0;
    for (const auto& [at, change] : changes) {
        if (!overlaps.empty()) overlaps.back().when.to = at;
        if (perhaps += change.perhaps, surely += change.surely; change.perhaps != 0 || change.surely != 0)
            overlaps.push_back({{at, at}, static_cast<std::uint32_t>(perhaps), static_cast<std::uint32_t>(surely)});
    }
    std::erase_if(overlaps, [](const Overlap& c) { return c.perhaps == 0 || c.when.from == c.when.to; });
    return overlaps;
}

}  // namespace pvsplan::picture
