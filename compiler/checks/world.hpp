// One way in which the run-time conditions may turn out, and how states go through the plan in it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/checks/antichain.hpp"
#include "compiler/checks/requirement.hpp"
#include "compiler/graph/facts.hpp"

namespace pvsplan::checks {

using graph::Facts;
using graph::Index;

enum class Truth : std::uint8_t { no, yes, unknown };

// Guard variables with their values; those that are not assigned count as "the node is there".
struct World {
    std::vector<std::pair<std::uint32_t, bool>> assigned;  // ascending by variable

    [[nodiscard]] bool has(const Facts& facts, Index node) const;
};

// The setters of each slot, ascending; made once for all requirements.
graph::Rows<Index> setters_by_slot(const Facts& facts);

// How the truth of a condition on one object goes: at first, then after each node that may change it.
struct Timeline {
    program::ObjectId object;
    Truth first = Truth::unknown;
    struct Change {
        Index node;
        Truth after;
    };
    std::vector<Change> changes;
    bool is_total = true;       // false: setters of several states without order; its truths are a guess
    std::uint32_t unknown = 0;  // an unknown id that it depends on, where some truth is unknown
};

class Timelines {
  public:
    Timelines(const Facts& facts, const graph::Rows<Index>& setters) : facts_(facts), setters_(setters) {}
    // Of `condition` (over slot 0) for `object`, with the nodes that are there in `world`.
    [[nodiscard]] Timeline of(const program::Expr& condition, program::ObjectId object, const World& world) const;
    // The slots that the condition reads for that object.
    [[nodiscard]] std::vector<graph::Slot> slots_read(const program::Expr& condition, program::ObjectId object) const;

  private:
    const Facts& facts_;
    const graph::Rows<Index>& setters_;
};

// Where the condition possibly holds (or possibly fails), taking unknown truths as `unknown_is`.
enum class Polarity : std::uint8_t { holds, fails };
std::vector<Interval> possible_intervals(const Timeline& timeline, Polarity polarity, bool unknown_counts);

// The value of an expression over fixed facts: slot 0 is `object`.
program::Value evaluate_for(const Facts& facts, const program::Expr& expr, program::ObjectId object);

}  // namespace pvsplan::checks
