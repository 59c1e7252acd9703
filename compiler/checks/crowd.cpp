#include "compiler/checks/crowd.hpp"

#include <algorithm>

#include "compiler/checks/antichain.hpp"
#include "compiler/checks/reach.hpp"

namespace pvsplan::checks {

namespace {

std::vector<std::span<const Index>> rows_of(const std::vector<Timeline>& lines, const Index& beside) {
    std::vector<std::span<const Index>> rows;
    rows.reserve(lines.size() + 1);
    for (const Timeline& line : lines) rows.emplace_back(line.changes);
    if (beside != graph::no_index) rows.emplace_back(&beside, 1);
    return rows;
}

std::size_t most_for(std::size_t lines) { return std::clamp<std::size_t>(400'000 / (lines + 1), 16, 4096); }

// Of lines whose changes have no order, one box or none each.
bool are_mixes_few(const Timelines& timelines, const std::vector<Timeline>& lines) {
    std::size_t mixes = 1;
    for (const Timeline& line : lines) {
        if (line.is_total) continue;
        mixes *= timelines.most_boxes(line) + 1;
        if (mixes > most_for(lines.size())) return false;
    }
    return true;
}

// Boxes of several intervals, of which any that meet are chosen, and then the most of the other objects that can be
// open beside them.
class Mixes {
  public:
    explicit Mixes(const Facts& facts) : facts_(facts) {}

    // The boxes of one object, one of which may be chosen. Most are single intervals that are never open together.
    void add(std::vector<Box> life) {
        if (!life.empty() && life[0].size() > 1) {
            mixed_.push_back(std::move(life));
            return;
        }
        for (const Box& box : life) single_.push_back(box[0]);
        if (!life.empty()) ++objects_;
    }

    std::vector<Box> largest() {
        if (!mixed_.empty()) compare();
        choose(0);
        return best_;
    }

  private:
    void compare() {
        for (const Interval& interval : single_) single_boxes_.push_back({interval});
        std::vector<std::pair<const Box*, const Box*>> pairs;
        for (const auto& life : mixed_)
            for (const Box& box : life) {
                for (const Box& other : single_boxes_) pairs.emplace_back(&box, &other);
                for (const auto& others : mixed_)
                    for (const Box& other : others) pairs.emplace_back(&box, &other);
            }
        const std::vector<bool> can_meet = meet(facts_, pairs);
        for (std::size_t i = 0; i < pairs.size(); ++i)
            if (!can_meet[i]) apart_.insert(pairs[i]);
    }

    void choose(std::size_t line) {
        if (line == mixed_.size()) return fill_up();
        choose(line + 1);
        for (const Box& box : mixed_[line]) {
            const auto is_apart = [&](const Box* other) { return apart_.contains({&box, other}); };
            if (is_apart(&box) || std::any_of(chosen_.begin(), chosen_.end(), is_apart)) continue;
            chosen_.push_back(&box);
            choose(line + 1);
            chosen_.pop_back();
        }
    }

    void fill_up() {
        std::vector<Interval> left;
        for (std::size_t i = 0; i < single_.size() && !chosen_.empty(); ++i)
            if (std::none_of(chosen_.begin(), chosen_.end(), [&](const Box* mine) {
                    return apart_.contains({mine, &single_boxes_[i]});
                }))
                left.push_back(single_[i]);
        const std::vector<Interval>& others = chosen_.empty() ? single_ : left;
        if (chosen_.size() + others.size() <= best_.size()) return;
        // Of one object one interval is open at a time.
        const std::vector<std::uint32_t> open =
            objects_ == 1 && !others.empty() ? std::vector<std::uint32_t>{0} : largest_antichain(facts_, others);
        if (chosen_.size() + open.size() <= best_.size()) return;
        best_.clear();
        for (const Box* box : chosen_) best_.push_back(*box);
        for (const std::uint32_t i : open) best_.push_back({others[i]});
    }

    const Facts& facts_;
    std::vector<std::vector<Box>> mixed_;  // by line
    std::vector<Interval> single_;
    std::size_t objects_ = 0;        // that have single intervals
    std::vector<Box> single_boxes_;  // the same, where there is something to compare them with
    std::set<std::pair<const Box*, const Box*>> apart_;
    std::vector<const Box*> chosen_;
    std::vector<Box> best_;
};

}  // namespace

Crowd::Crowd(const Facts& facts, const World& world, const Timelines& timelines, const std::vector<Timeline>& lines,
             Truth sought, Index beside)
    : facts_(facts),
      timelines_(timelines),
      lines_(lines),
      sought_(sought),
      beside_(beside),
      left_behind_(facts, world, rows_of(lines, beside_), most_for(lines.size())),
      are_mixes_tried_(are_mixes_few(timelines, lines)) {}

std::vector<Box> Crowd::life(const Timeline& line, std::span<const Fate> fates, Unknown unknown) const {
    if (line.is_total || are_mixes_tried_) return timelines_.boxes(line, fates, sought_, unknown);
    return unknown == Unknown::counted ? std::vector<Box>{{{.object = line.object}}} : std::vector<Box>{};
}

template <class Fates>
std::vector<Box> Crowd::largest(const std::set<std::size_t>& touched, const Fates& fates, Unknown unknown) const {
    std::vector<std::vector<Box>> lives;
    for (std::size_t l = 0; l < lines_.size(); ++l)
        lives.push_back(life(lines_[l], touched.contains(l) ? fates(lines_[l]) : std::vector<Fate>(), unknown));
    if (beside_ != graph::no_index) keep_what_meets(lives);
    Mixes mixes(facts_);
    for (std::vector<Box>& life : lives) mixes.add(std::move(life));
    return mixes.largest();
}

// What is open while the node runs: what is open together two by two, is so all together.
void Crowd::keep_what_meets(std::vector<std::vector<Box>>& lives) const {
    const Box run{{.begin = beside_, .end = beside_}};
    std::vector<std::pair<const Box*, const Box*>> pairs;
    for (const auto& life : lives)
        for (const Box& box : life) pairs.emplace_back(&box, &run);
    const std::vector<bool> can_meet = meet(facts_, pairs);
    std::size_t at = 0;
    for (auto& life : lives) std::erase_if(life, [&](const Box&) { return !can_meet[at++]; });
}

Crowd::Width Crowd::with(const Way& way, Unknown unknown) const {
    Width width;
    if (beside_ != graph::no_index && left_behind_.fates(std::span(&beside_, 1), way)[0] == Fate::left_out)
        return width;
    width.open = largest(
        left_behind_.rows_touched(way), [&](const Timeline& line) { return left_behind_.fates(line.changes, way); },
        unknown);
    width.way = way;
    return width;
}

Crowd::Width Crowd::widest(Unknown unknown) const {
    Width best = with({}, unknown);
    if (left_behind_.is_none()) return best;
    const std::size_t most = limit(best.open.size(), unknown);
    Way found;
    for (const Way& way : left_behind_.ways()) {
        if (best.open.size() == most) break;
        if (way.empty()) continue;
        if (Width width = with(way, unknown); width.open.size() > best.open.size())
            best = std::move(width), found = way;
    }
    for (std::size_t i = 0; i < found.size();) {  // no more failures than show it
        Way fewer = found;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        if (Width width = with(fewer, unknown); width.open.size() == best.open.size())
            best = std::move(width), found = std::move(fewer);
        else
            ++i;
    }
    return best;
}

std::size_t Crowd::bound(Unknown unknown) const {
    return left_behind_.are_all() ? widest(unknown).open.size() : limit(with({}, unknown).open.size(), unknown);
}

// What is open without failures and whatever as many instances as may be could add; or everything that may be left
// behind, anywhere, at once.
std::size_t Crowd::limit(std::size_t without_failures, Unknown unknown) const {
    const std::size_t everything =
        largest(
            left_behind_.rows_touched(), [&](const Timeline& line) { return left_behind_.open_fates(line.changes); },
            unknown)
            .size();
    return std::min(everything, without_failures + left_behind_.most_rows());
}

}  // namespace pvsplan::checks
