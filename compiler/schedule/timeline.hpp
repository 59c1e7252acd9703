// How the truth value of a condition on one object changes along a plan, stretch by stretch.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "compiler/schedule/guard_assignment.hpp"
#include "compiler/schedule/interval.hpp"
#include "compiler/schedule/reach.hpp"

namespace pvsplan::schedule {

enum class Truth : std::uint8_t { no, yes, unknown };

// A set of possible truth values.
class Truths {
  public:
    void add(Truth truth) { bits_ = static_cast<std::uint8_t>(bits_ | bit(truth)); }
    [[nodiscard]] bool has(Truth truth) const { return (bits_ & bit(truth)) != 0; }
    [[nodiscard]] Truth least() const;  // no, then unknown, then yes

  private:
    static std::uint8_t bit(Truth truth) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(truth)); }
    std::uint8_t bits_ = 0;
};

// Whether a change happens, may happen or does not. In a run without failures every change happens.
enum class Effect : std::uint8_t { happens, may_happen, does_not_happen };

// With n changes there are 2n + 1 stretches: before the first change, during it, between it and the second, and so on.
// During a change each state that its node sets has its old or its new value, independently of the others.
struct Timeline {
    program::ObjectId object;
    const program::Expr* condition = nullptr;
    std::vector<Index> changes;
    std::vector<Truths> stretches;
    bool is_total =
        true;  // false: several states change without an order; stretches are approximate, conjunctions() is exact
    std::optional<program::Value::Unknown> unknown;  // one that it may depend on

    [[nodiscard]] Truth first() const { return stretches.front().least(); }
    [[nodiscard]] Truths during(std::size_t change) const { return stretches[2 * change + 1]; }
    [[nodiscard]] Truth after(std::size_t change) const { return stretches[2 * change + 2].least(); }
    [[nodiscard]] Truth last() const { return stretches.back().least(); }
};

// Whether an unknown truth value counts as the one that is sought.
enum class Unknown : std::uint8_t { left_out, counted };

// The writers of each state variable, ascending; made once for all requirements.
graph::Rows<Index> writers_by_variable(const Facts& facts);

class Timelines {
  public:
    // Both must outlive it.
    Timelines(const Facts& facts, const graph::Rows<Index>& writers) : facts_(facts), writers_(writers) {}

    // The timeline of `condition` (over local 0) for `object`, with the nodes that run under `assignment`. It refers to
    // the condition.
    [[nodiscard]] Timeline of(const program::Expr& condition, program::ObjectId object,
                              const GuardAssignment& assignment) const;
    // Where the condition may have the truth value `sought`, if the changes have these effects (empty: all happen). If
    // the changes of a line have an order, its conjunctions are single intervals that are never open together.
    [[nodiscard]] std::vector<IntervalConjunction> conjunctions(const Timeline& line, std::span<const Effect> effects,
                                                                Truth sought, Unknown unknown) const;
    // An upper bound on the number of conjunctions of a line.
    [[nodiscard]] std::size_t max_conjunctions(const Timeline& line) const;
    // The state variables that the condition reads for that object.
    [[nodiscard]] std::vector<graph::StateVariable> variables_read(const program::Expr& condition,
                                                                   program::ObjectId object) const;

  private:
    [[nodiscard]] bool are_in_order(const std::vector<Index>& nodes) const;
    [[nodiscard]] Timeline made(const program::Expr& condition, program::ObjectId object,
                                const GuardAssignment& assignment) const;
    [[nodiscard]] std::vector<IntervalConjunction> mixed_conjunctions(const Timeline& line,
                                                                      std::span<const Effect> effects, Truth sought,
                                                                      Unknown unknown) const;

    const Facts& facts_;
    const graph::Rows<Index>& writers_;
    // A cache. An object depends on few of the guards, so there is one line for each assignment of these, for the
    // condition that was asked about last.
    struct Lines {
        std::vector<std::uint32_t> variables;  // ascending
        std::map<std::uint32_t, Timeline> by_truths;
    };
    mutable const program::Expr* remembered_ = nullptr;
    mutable std::map<program::ObjectId, Lines> lines_;
    mutable std::optional<NearPaths> near_paths_;  // when asked for
};

// The value of an expression over fixed facts; local 0 is `object`.
program::Value evaluate_for(const Facts& facts, const program::Expr& expr, program::ObjectId object);

}  // namespace pvsplan::schedule
