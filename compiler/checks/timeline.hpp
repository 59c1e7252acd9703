// How the truth of a condition on one object goes through a plan, stretch by stretch.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "compiler/checks/guard_assignment.hpp"
#include "compiler/checks/interval.hpp"

namespace pvsplan::checks {

enum class Truth : std::uint8_t { no, yes, unknown };

// What may be, of which any can be the case.
class Truths {
  public:
    void add(Truth truth) { bits_ = static_cast<std::uint8_t>(bits_ | bit(truth)); }
    [[nodiscard]] bool has(Truth truth) const { return (bits_ & bit(truth)) != 0; }
    [[nodiscard]] Truth least() const;  // no, then unknown, then yes

  private:
    static std::uint8_t bit(Truth truth) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(truth)); }
    std::uint8_t bits_ = 0;
};

// What becomes of a change; in a run without failures it comes about.
enum class Effect : std::uint8_t { comes_about, may_have, left_out };

// With n changes there are 2n + 1 stretches: before the first change, during it, between it and the second, and so on.
// During a change each state that its node sets is what it was or what is set, each for itself.
struct Timeline {
    program::ObjectId object;
    const program::Expr* condition = nullptr;
    std::vector<Index> changes;
    std::vector<Truths> stretches;
    bool is_total = true;  // false: several states change in no order; the stretches are a guess, boxes are not
    std::optional<std::uint32_t> unknown;  // an unknown id that it may depend on

    [[nodiscard]] Truth first() const { return stretches.front().least(); }
    [[nodiscard]] Truths during(std::size_t change) const { return stretches[2 * change + 1]; }
    [[nodiscard]] Truth after(std::size_t change) const { return stretches[2 * change + 2].least(); }
    [[nodiscard]] Truth last() const { return stretches.back().least(); }
};

// What is not known: whether it counts as what is sought, or not.
enum class Unknown : std::uint8_t { left_out, counted };

// The setters of each slot, ascending; made once for all requirements.
graph::Rows<Index> writers_by_variable(const Facts& facts);

class Timelines {
  public:
    // Both must outlive it.
    Timelines(const Facts& facts, const graph::Rows<Index>& writers) : facts_(facts), writers_(writers) {}

    // Of `condition` (over slot 0) for `object`, with the nodes that are there in `world`; refers to the condition.
    [[nodiscard]] Timeline of(const program::Expr& condition, program::ObjectId object,
                              const GuardAssignment& assignment) const;
    // Where the condition may have the truth that is sought, when the changes meet these fates (none: all come
    // about). The boxes of a line whose changes have an order are single intervals that are never open together.
    [[nodiscard]] std::vector<IntervalConjunction> conjunctions(const Timeline& line, std::span<const Effect> effects,
                                                                Truth sought, Unknown unknown) const;
    // How many boxes a line can have at the most.
    [[nodiscard]] std::size_t max_conjunctions(const Timeline& line) const;
    // The slots that the condition reads for that object.
    [[nodiscard]] std::vector<graph::StateVariable> variables_read(const program::Expr& condition,
                                                                   program::ObjectId object) const;

  private:
    [[nodiscard]] Timeline made(const program::Expr& condition, program::ObjectId object,
                                const GuardAssignment& assignment) const;
    [[nodiscard]] std::vector<IntervalConjunction> mixed_boxes(const Timeline& line, std::span<const Effect> effects,
                                                               Truth sought, Unknown unknown) const;

    const Facts& facts_;
    const graph::Rows<Index>& writers_;
    // An object mostly depends on few of the conditions: its lines for each way in which those turn out, of the
    // condition that was asked about last.
    struct Lines {
        std::vector<std::uint32_t> variables;  // ascending
        std::map<std::uint32_t, Timeline> by_truths;
    };
    mutable const program::Expr* remembered_ = nullptr;
    mutable std::map<program::ObjectId, Lines> lines_;
};

// The value of an expression over fixed facts: slot 0 is `object`.
program::Value evaluate_for(const Facts& facts, const program::Expr& expr, program::ObjectId object);

}  // namespace pvsplan::checks
