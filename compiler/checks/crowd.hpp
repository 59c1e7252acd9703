// How many objects can be in a state at one moment, also when instances that failed are left behind in it.
#pragma once

#include <set>
#include <vector>

#include "compiler/checks/left_behind.hpp"

namespace pvsplan::checks {

class Crowd {
  public:
    // Of those objects whose condition has the truth that is sought, at any moment or while a node runs; all must
    // outlive it.
    Crowd(const Facts& facts, const World& world, const Timelines& timelines, const std::vector<Timeline>& lines,
          Truth sought, Index beside = graph::no_index);

    struct Width {
        std::vector<Box> open;  // all at one moment, one of each object
        Way way;                // what is left behind for it
    };
    // The largest crowd that was found; it does come about, if what is not known is left out.
    [[nodiscard]] Width widest(Unknown unknown) const;
    // No crowd is larger.
    [[nodiscard]] std::size_t bound(Unknown unknown) const;

  private:
    [[nodiscard]] std::vector<Box> life(const Timeline& line, std::span<const Fate> fates, Unknown unknown) const;
    [[nodiscard]] Width with(const Way& way, Unknown unknown) const;
    // With these fates of the changes of the lines that are touched; the others are as they are anyway.
    template <class Fates>
    [[nodiscard]] std::vector<Box> largest(const std::set<std::size_t>& touched, const Fates& fates,
                                           Unknown unknown) const;
    [[nodiscard]] std::size_t limit(std::size_t without_failures, Unknown unknown) const;
    void keep_what_meets(std::vector<std::vector<Box>>& lives) const;

    const Facts& facts_;
    const Timelines& timelines_;
    const std::vector<Timeline>& lines_;
    Truth sought_;
    Index beside_;
    LeftBehind left_behind_;
    bool are_mixes_tried_;  // else an object whose changes have no order is in that state throughout, or never
};

}  // namespace pvsplan::checks
