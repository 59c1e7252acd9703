// Which conditions can hold together: `x == a` and `x == b` exclude each other, `x in [a, b]` is met with either, and
// one of `x < 5` and `x >= 5` is met always.
//
// What a condition compares with constants (an output, say) is its subject. Conditions that share a subject are decided
// together: each subject takes each of its constants, a value between any two of them, another value, and none where
// its step may have been skipped. The truth values that result are all that are possible. A condition without such a
// comparison is a subject of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/program/expr.hpp"

namespace pvsplan::graph {

// Guard variables with their values, ascending.
using GuardValues = std::vector<std::pair<std::uint32_t, bool>>;

// What a guard variable stands for.
struct GuardQuestion {
    program::ExprPtr asked;
    std::string moment;     // state may differ between moments; all else has one value in a run
    bool may_lack = false;  // an output that it reads may be of a step that was skipped: then that is none
};

// Made once, constant afterwards. Where it is not exact it says possible rather than impossible, so that a proof looks
// at too much and never at too little.
class GuardDomain {
  public:
    GuardDomain() = default;
    // `questions` by variable; `answered` are known already.
    GuardDomain(const std::vector<GuardQuestion>& questions, GuardValues answered, const program::ObjectNames& names);

    // Whether some assignment of all conditions extends `values`, in which a variable may be there twice. Exact, unless
    // the constants of connected subjects have more than some thousand combinations: then every assignment counts as
    // possible.
    [[nodiscard]] bool can_be(const GuardValues& values) const;
    // All possible assignments of the conditions (ascending), first the one in which all are met, if it is possible;
    // nothing if there are more than `most`.
    [[nodiscard]] std::optional<std::vector<GuardValues>> all(const std::vector<std::uint32_t>& variables,
                                                              std::size_t most) const;
    // Whether its value restricts another condition.
    [[nodiscard]] bool is_bound(std::uint32_t variable) const {
        return variable < part_of_.size() && part_of_[variable] != none;
    }

  private:
    static constexpr std::uint32_t none = 0xffffffffU;
    // The possible assignments of conditions that share subjects: a word each, in which bit i is the value of the i-th
    // condition.
    using Rows = std::vector<std::uint64_t>;
    std::vector<std::uint32_t> part_of_;  // by variable
    std::vector<std::uint32_t> place_;    // by variable: its bit in the rows of its part
    std::vector<Rows> parts_;
    GuardValues answered_;
};

}  // namespace pvsplan::graph
