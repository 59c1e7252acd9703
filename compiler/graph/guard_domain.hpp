// Which conditions can hold together: `x == a` and `x == b` exclude each other, `x in [a, b]` is met with either, and
// one of `x < 5` and `x >= 5` is met always.
//
// What conditions compare with constants (an output, say) is a subject. Conditions with a subject in common are looked
// at together: each subject takes each of its constants, what lies between two of them, and anything else, and the
// truths that come about so are all that can. A condition that compares nothing with a constant is a subject by itself.
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
    std::string moment;  // state may differ from one moment to the next; all else is the same wherever it is asked
};

class GuardDomain {
  public:
    GuardDomain() = default;
    // By variable; `answered` is known already.
    GuardDomain(const std::vector<GuardQuestion>& questions, GuardValues answered, const program::ObjectNames& names);

    // Whether the conditions can turn out so (a variable may be there twice), whatever becomes of the others. Exact,
    // but where the constants of subjects that hang together have more than some thousand combinations: there all can
    // be.
    [[nodiscard]] bool can_be(const GuardValues& values) const;
    // All ways in which the conditions (ascending) can turn out, the one in which all are met first where there is
    // such; nothing if there are more than `most`.
    [[nodiscard]] std::optional<std::vector<GuardValues>> all(const std::vector<std::uint32_t>& variables,
                                                              std::size_t most) const;
    // Whether it says something of another condition.
    [[nodiscard]] bool is_bound(std::uint32_t variable) const {
        return variable < part_of_.size() && part_of_[variable] != none;
    }

  private:
    static constexpr std::uint32_t none = 0xffffffffU;
    // Conditions with subjects in common, and the truths that they can have together: bit i is the i-th of them.
    using Rows = std::vector<std::uint64_t>;
    std::vector<std::uint32_t> part_of_;  // by variable
    std::vector<std::uint32_t> place_;    // by variable: its bit there
    std::vector<Rows> parts_;
    GuardValues answered_;
};

}  // namespace pvsplan::graph
