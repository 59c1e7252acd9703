// Decides a requirement as compiler/checks/README.md defines it, by trying every moment that a run can reach.
//
// Nothing here is shared with compiler/checks but the names of the verdicts. How it reads the forms:
// - Conditions: a requirement holds iff it holds whatever values the outputs have that they read. An output of a step
//   that was skipped is none; where a condition or a parameter has no value with it, the step fails before it starts.
// - States: from the start of a writer until its finish a state may be what it was or what is written; after a failed
//   writer likewise, until the next writer of that state finishes. Each state varies independently.
// - An unknown state is tried with both its values; where that makes a difference the verdict is undecided.
// - `every A before every B`: in no run, also with failures, does a b start while an a that is there has not finished.
//   `some A before every B`: no b starts before some a has finished. `before some B`: every run that completes without
//   a failure has such a b.
// - `then` asks it of every run to its end, also with failures: after an a that has started, be it that it failed, some
//   (every) b starts and finishes. `some A then some B`: every run has such a pair; `some A then every B`: every b
//   finishes, and starts after some a has finished. `per` asks it of each value by itself.
// - `while` and `always` speak of every moment of every run, also with failures; `exactly`, `at least` and `finally` of
//   runs that complete without one; `at most` and `never` of every prefix.
// - Vacuous: `every … every` without a pair, `every A before some B` without an a, `some A before every B` without a b,
//   `some … some` without either, `while every` without a pair of an event and an object, `while some` without an
//   event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/checks/decision.hpp"
#include "tests/unit/checks/asked.hpp"
#include "tests/unit/checks/explore.hpp"

namespace pvsplan::test {

using checks::Verdict;

struct Opinion {
    Verdict verdict = Verdict::holds;
    std::optional<std::int64_t> reached;  // at most: the largest number, at least: the smallest
    std::vector<Move> schedule;           // of a violation
    std::uint32_t truths = 0;
};

struct Occurrence {
    std::uint32_t node;
    std::size_t object;
};
std::vector<Occurrence> matching(const Model& model, const EventAsked& event, std::uint32_t truths);
// The objects that a count or a state speaks of, a group for each value of `per`.
std::vector<std::vector<std::size_t>> groups(const Model& model, const std::string& kind, const std::string& site,
                                             Per per);

// The possible values of a state: bits 0 and 1 are its values, bit 2 is its unknown initial value.
using Possible = std::uint32_t;
std::vector<Possible> possible_states(const Model& model, Model::Truths truths, const Moment& moment);
// Whether the predicate may be `wanted` for the object, given what unknown states are at first: bit s of `unknown`.
bool is_possible(const ToyPredicate& predicate, bool wanted, std::size_t object, const std::vector<Possible>& states,
                 std::uint32_t unknown);

class Oracle {
  public:
    static constexpr std::size_t max_ways = 24;  // in which the conditions turn out
    // Nothing if there is too much to look at.
    static std::optional<Oracle> of(const Model& model);

    [[nodiscard]] Opinion decide(const Asked& asked) const;
    // Two nodes that set a state, or one that requires it and one that sets it, may come in either order or overlap.
    [[nodiscard]] bool has_race() const;
    // In some schedule without failures a node starts while what it requires is known to be otherwise.
    [[nodiscard]] bool has_false_precondition() const;
    [[nodiscard]] bool may_continue() const;
    [[nodiscard]] std::uint64_t moments() const;
    [[nodiscard]] const Model& model() const { return *model_; }
    // All assignments of the unknown states: bit s is state variable s.
    [[nodiscard]] std::vector<std::uint32_t> unknown_assignments() const;

  private:
    struct Shape {  // moments that no requirement over states can tell apart share one
        std::vector<Possible> states;
        NodeSet running;
        std::uint32_t visit;
    };
    struct GuardAssignment {
        std::uint32_t truths;
        Execution execution;
        std::vector<Shape> shapes;
    };
    [[nodiscard]] bool has_race_in(const GuardAssignment& assignment) const;
    struct Answer;

    [[nodiscard]] Answer in(const GuardAssignment& assignment, const Asked& asked, std::uint32_t unknown) const;
    [[nodiscard]] Answer count(const GuardAssignment& assignment, const Asked& asked) const;
    [[nodiscard]] Answer order(const GuardAssignment& assignment, const Asked& asked) const;
    Answer order(const GuardAssignment& assignment, const Asked& asked, const std::vector<Occurrence>& as,
                 const std::vector<Occurrence>& bs) const;
    [[nodiscard]] Answer during(const GuardAssignment& assignment, const Asked& asked, std::uint32_t unknown) const;
    [[nodiscard]] Answer always(const GuardAssignment& assignment, const Asked& asked, std::uint32_t unknown) const;
    [[nodiscard]] Answer finally(const GuardAssignment& assignment, const Asked& asked, std::uint32_t unknown) const;

    const Model* model_ = nullptr;
    std::vector<GuardAssignment> assignments_;
};

}  // namespace pvsplan::test
