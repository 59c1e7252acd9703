#include "compiler/schedule/overlap.hpp"

#include <algorithm>

#include "compiler/schedule/antichain.hpp"
#include "compiler/schedule/reach.hpp"

namespace pvsplan::schedule {

namespace {

// The last row points to `concurrent` itself, which must outlive the rows.
std::vector<std::span<const Index>> rows_of(const std::vector<Timeline>& lines, const Index& concurrent) {
    std::vector<std::span<const Index>> rows;
    rows.reserve(lines.size() + 1);
    for (const Timeline& line : lines) rows.emplace_back(line.changes);
    if (concurrent != graph::no_index) rows.emplace_back(&concurrent, 1);
    return rows;
}

// So many tries, fewer where each costs more: the work of one overlap stays the same for ten objects and for ten
// thousand.
std::size_t max_for(std::size_t lines) { return std::clamp<std::size_t>(400'000 / (lines + 1), 16, 4096); }

// Whether the choices are few: one conjunction or none, for each line whose changes have no order.
bool are_mixes_few(const Timelines& timelines, const std::vector<Timeline>& lines) {
    std::size_t mixes = 1;
    for (const Timeline& line : lines) {
        if (line.is_total) continue;
        // One conjunction of the line, or none of them.
        mixes *= timelines.max_conjunctions(line) + 1;
        if (mixes > max_for(lines.size())) return false;
    }
    return true;
}

// Maximises over conjunctions of several intervals: chooses any that can hold together, then adds the largest antichain
// of the single intervals that are compatible with all of them.
class Mixes {
  public:
    explicit Mixes(const Facts& facts) : facts_(facts) {}

    // Adds the conjunctions of one object, at most one of which may be chosen. Mostly they are single intervals that
    // are never open together.
    void add(std::vector<IntervalConjunction> life) {
        if (!life.empty() && life[0].size() > 1) {
            mixed_.push_back(std::move(life));
            return;
        }
        for (const IntervalConjunction& conjunction : life) single_.push_back(conjunction[0]);
        if (!life.empty()) ++objects_;
    }

    std::vector<IntervalConjunction> largest() {
        if (!mixed_.empty()) compare();
        choose(0);
        return best_;
    }

  private:
    void compare() {
        for (const Interval& interval : single_) single_conjunctions_.push_back({interval});
        std::vector<std::pair<const IntervalConjunction*, const IntervalConjunction*>> pairs;
        for (const auto& life : mixed_)
            for (const IntervalConjunction& conjunction : life) {
                for (const IntervalConjunction& other : single_conjunctions_) pairs.emplace_back(&conjunction, &other);
                for (const auto& others : mixed_)
                    for (const IntervalConjunction& other : others) pairs.emplace_back(&conjunction, &other);
            }
        const std::vector<bool> can_meet = meet(facts_, pairs);
        for (std::size_t i = 0; i < pairs.size(); ++i)
            if (!can_meet[i]) apart_.insert(pairs[i]);
    }

    // Every choice of one conjunction or none for each mixed line, of those that can hold together. are_mixes_few()
    // bounds how many there are, and how deep the recursion goes with what differs.
    void choose(std::size_t line) {
        if (line == mixed_.size()) return fill_up();
        choose(line + 1);
        for (const IntervalConjunction& conjunction : mixed_[line]) {
            const auto is_apart = [&](const IntervalConjunction* other) {
                return apart_.contains({&conjunction, other});
            };
            if (is_apart(&conjunction) || std::any_of(chosen_.begin(), chosen_.end(), is_apart)) continue;
            chosen_.push_back(&conjunction);
            choose(line + 1);
            chosen_.pop_back();
        }
    }

    // A choice that could not become the best even if all single intervals were open is not looked into.
    void fill_up() {
        std::vector<Interval> left;
        for (std::size_t i = 0; i < single_.size() && !chosen_.empty(); ++i)
            if (std::none_of(chosen_.begin(), chosen_.end(), [&](const IntervalConjunction* mine) {
                    return apart_.contains({mine, &single_conjunctions_[i]});
                }))
                left.push_back(single_[i]);
        const std::vector<Interval>& others = chosen_.empty() ? single_ : left;
        if (chosen_.size() + others.size() <= best_.size()) return;
        // One object has at most one open interval at a time.
        const std::vector<std::uint32_t> open =
            objects_ == 1 && !others.empty() ? std::vector<std::uint32_t>{0} : largest_antichain(facts_, others);
        if (chosen_.size() + open.size() <= best_.size()) return;
        best_.clear();
        for (const IntervalConjunction* conjunction : chosen_) best_.push_back(*conjunction);
        for (const std::uint32_t i : open) best_.push_back({others[i]});
    }

    const Facts& facts_;
    std::vector<std::vector<IntervalConjunction>> mixed_;  // by line
    std::vector<Interval> single_;
    std::size_t objects_ = 0;                               // with single intervals
    std::vector<IntervalConjunction> single_conjunctions_;  // parallel to single_; empty if there is nothing to compare
    std::set<std::pair<const IntervalConjunction*, const IntervalConjunction*>> apart_;
    std::vector<const IntervalConjunction*> chosen_;
    std::vector<IntervalConjunction> best_;
};

}  // namespace

Overlap::Overlap(const Facts& facts, const GuardAssignment& assignment, const Timelines& timelines,
                 const std::vector<Timeline>& lines, Truth sought, Index concurrent)
    : facts_(facts),
      timelines_(timelines),
      lines_(lines),
      sought_(sought),
      concurrent_(concurrent),
      partial_failure_(facts, assignment, rows_of(lines, concurrent_), max_for(lines.size())),
      are_mixes_tried_(are_mixes_few(timelines, lines)) {}

// If mixes are not tried, an object counts always where it is only to be bounded, and never where it has to be sure: so
// neither a violation nor a proof comes of it.
std::vector<IntervalConjunction> Overlap::life(const Timeline& line, std::span<const Effect> effects,
                                               Unknown unknown) const {
    if (line.is_total || are_mixes_tried_) return timelines_.conjunctions(line, effects, sought_, unknown);
    return unknown == Unknown::counted ? std::vector<IntervalConjunction>{{{.object = line.object}}}
                                       : std::vector<IntervalConjunction>{};
}

template <class Effects>
std::vector<IntervalConjunction> Overlap::largest(const std::set<std::size_t>& touched, const Effects& effects,
                                                  Unknown unknown) const {
    std::vector<std::vector<IntervalConjunction>> lives;
    for (std::size_t l = 0; l < lines_.size(); ++l)
        lives.push_back(life(lines_[l], touched.contains(l) ? effects(lines_[l]) : std::vector<Effect>(), unknown));
    if (concurrent_ != graph::no_index) keep_what_meets(lives);
    Mixes mixes(facts_);
    for (std::vector<IntervalConjunction>& life : lives) mixes.add(std::move(life));
    return mixes.largest();
}

// Keeps what can be open while the node runs. Intervals that can be open together pairwise can be open all together, so
// it is enough to compare each with the node.
void Overlap::keep_what_meets(std::vector<std::vector<IntervalConjunction>>& lives) const {
    const IntervalConjunction run{{.begin = concurrent_, .end = concurrent_}};
    std::vector<std::pair<const IntervalConjunction*, const IntervalConjunction*>> pairs;
    for (const auto& life : lives)
        for (const IntervalConjunction& conjunction : life) pairs.emplace_back(&conjunction, &run);
    const std::vector<bool> can_meet = meet(facts_, pairs);
    std::size_t at = 0;
    for (auto& life : lives) std::erase_if(life, [&](const IntervalConjunction&) { return !can_meet[at++]; });
}

Overlap::MaxOverlap Overlap::with(const FailureScenario& scenario, Unknown unknown) const {
    MaxOverlap max_overlap;
    if (concurrent_ != graph::no_index &&
        partial_failure_.effects(std::span(&concurrent_, 1), scenario)[0] == Effect::does_not_happen)
        return max_overlap;
    max_overlap.open = largest(
        partial_failure_.rows_touched(scenario),
        [&](const Timeline& line) { return partial_failure_.effects(line.changes, scenario); }, unknown);
    max_overlap.scenario = scenario;
    return max_overlap;
}

// Ends early where a bound is reached. What is found then loses the failures that it does not need, so that a witness
// has no more than it takes.
Overlap::MaxOverlap Overlap::maximum(Unknown unknown) const {
    MaxOverlap best = with({}, unknown);
    if (partial_failure_.is_none()) return best;
    const std::size_t max_open = limit(best.open.size(), unknown);
    FailureScenario found;
    for (const FailureScenario& scenario : partial_failure_.scenarios()) {
        if (best.open.size() == max_open) break;
        if (scenario.empty()) continue;
        if (MaxOverlap max_overlap = with(scenario, unknown); max_overlap.open.size() > best.open.size())
            best = std::move(max_overlap), found = scenario;
    }
    for (std::size_t i = 0; i < found.size();) {  // removes the failures that it does not need
        FailureScenario fewer = found;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        if (MaxOverlap max_overlap = with(fewer, unknown); max_overlap.open.size() == best.open.size())
            best = std::move(max_overlap), found = std::move(fewer);
        else
            ++i;
    }
    return best;
}

std::size_t Overlap::bound(Unknown unknown) const {
    return partial_failure_.are_all() ? maximum(unknown).open.size() : limit(with({}, unknown).open.size(), unknown);
}

// The smaller of two upper bounds: the overlap without failures plus all rows that failures can touch; and the overlap
// if every iteration that may be abandoned were abandoned, anywhere, at the same time.
std::size_t Overlap::limit(std::size_t without_failures, Unknown unknown) const {
    const std::size_t everything =
        largest(
            partial_failure_.rows_touched(),
            [&](const Timeline& line) { return partial_failure_.open_effects(line.changes); }, unknown)
            .size();
    return std::min(everything, without_failures + partial_failure_.max_rows());
}

}  // namespace pvsplan::schedule
