// The states that requirements count, object by object, over the time of a picture.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/checks/event_index.hpp"
#include "runtime/picture/timeplan.hpp"

namespace pvsplan::picture {

// What a kind has a band for: a condition on its objects. Those are counted for which it has this truth value.
struct Watched {
    const program::Requirement* requirement = nullptr;
    const program::Expr* condition = nullptr;
    schedule::Truth counted = schedule::Truth::yes;
};

// What the first `always` with a bound counts of a kind; else what must hold finally and holds at first: the run takes
// it away and gives it back.
std::optional<Watched> watched_of(const checks::EventIndex& index, const std::vector<program::Requirement>& all,
                                  const std::string& kind);

// Where the rollback is drawn: of the steps that undo one step, and of those of a `recover`, by the object that they
// work on, whose states are then not followed.
struct Undone {
    std::map<graph::Index, Stretch> steps;     // by node
    std::map<std::string, Stretch> recovered;  // "server/pvs01"
};

class States {
  public:
    // All must outlive it. `statuses`: of the nodes of a run, empty if there is none.
    States(const checks::EventIndex& index, const Timeplan& time, const std::vector<StepStatus>& statuses,
           const Undone& undone)
        : index_(index), time_(time), statuses_(statuses), undone_(undone) {}

    // From 0 to the end of the picture, without gaps, at least one.
    [[nodiscard]] std::vector<Band> bands_of(const Watched& watched, program::ObjectId object) const;
    // "from `rest[pvs02].stop` to `rest[pvs02].start`": between which steps it may be counted; empty: never.
    [[nodiscard]] std::string words_of(const Watched& watched, program::ObjectId object) const;
    // Where all of the intervals are open, as they are drawn; it may be nowhere, then `to` is not behind `from`.
    [[nodiscard]] Stretch drawn(const schedule::IntervalConjunction& open) const;

  private:
    [[nodiscard]] schedule::Timeline line_of(const Watched& watched, program::ObjectId object) const;
    [[nodiscard]] std::vector<schedule::Effect> effects_of(const schedule::Timeline& line) const;
    void add_undone(const schedule::Timeline& line, const Watched& watched, std::vector<Band>& bands) const;

    const checks::EventIndex& index_;
    const Timeplan& time_;
    const std::vector<StepStatus>& statuses_;
    const Undone& undone_;
};

// How many are counted, by moments at which that changes. Ascending, each as long as the count stays; where nobody is
// counted there is none.
std::vector<Overlap> overlaps_of(const std::vector<const std::vector<Band>*>& all);

}  // namespace pvsplan::picture
