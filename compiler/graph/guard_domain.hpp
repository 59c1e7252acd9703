// Which conditions can hold together: `x == a` and `x == b` exclude each other, `x in [a, b]` is met with either, and
// one of `x < 5` and `x >= 5` is met always.
//
// What a condition compares with constants (an output, say) is its subject. Conditions that share a subject are decided
// together: each subject takes each of its constants, a value between any two of them, another value, and none where
// its step was skipped. The truth values that result are all that are possible. A condition without such a comparison
// is a subject of its own.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/program/expr.hpp"

namespace pvsplan::graph {

// Guard variables with their values, ascending.
using GuardValues = std::vector<std::pair<std::uint32_t, bool>>;

// A step that may be skipped where a condition reads its output: that is none then. It runs if all of these hold.
struct OutputSource {
    std::string step;
    GuardValues runs_if;
};

// What a guard variable stands for.
struct GuardQuestion {
    program::ExprPtr asked;
    std::string moment;                      // state may differ between moments; all else has one value in a run
    std::vector<OutputSource> sources = {};  // of all guards that ask it

    void add(const std::vector<OutputSource>& more) { sources.insert(sources.end(), more.begin(), more.end()); }
};

// Made once, constant afterwards. Where it is not exact it says possible rather than impossible, so that a proof looks
// at too much and never at too little.
class GuardDomain {
  public:
    static constexpr std::uint32_t none = 0xffffffffU;
    // A possible assignment of conditions that share subjects: bit i is of the i-th condition.
    struct Row {
        std::uint64_t truths = 0;
        std::uint64_t lacks = 0;  // those that have no value
        friend auto operator<=>(const Row&, const Row&) = default;
    };
    using Rows = std::vector<Row>;
    struct Part {  // conditions that share subjects
        Rows rows = {};
        bool knows_lacks = false;
    };
    struct Parts {
        std::vector<std::uint32_t> part_of;  // by variable
        std::vector<std::uint32_t> place;    // by variable: its bit in the rows of its part
        std::vector<Part> all;
    };

    GuardDomain() = default;
    // `questions` by variable; `answered` are known already.
    GuardDomain(const std::vector<GuardQuestion>& questions, GuardValues answered, const program::ObjectNames& names);

    // Whether some assignment of all conditions extends `values`, in which a variable may be there twice. Exact, unless
    // the constants of connected subjects have more than some thousand combinations: then every assignment counts as
    // possible.
    [[nodiscard]] bool can_be(const GuardValues& values) const;
    // All possible assignments of the conditions (ascending), first the one in which all are met, if it is possible;
    // nothing if there are more than `max_count`.
    [[nodiscard]] std::optional<std::vector<GuardValues>> all(const std::vector<std::uint32_t>& variables,
                                                              std::size_t max_count) const;
    // Whether the condition may have no value where these hold, as it reads an output of a step that was skipped.
    // Exact; nothing where that is not known.
    [[nodiscard]] std::optional<bool> can_lack(std::uint32_t variable, const GuardValues& hold) const;
    // Whether its value restricts another condition.
    [[nodiscard]] bool is_bound(std::uint32_t variable) const {
        return variable < parts_.part_of.size() && parts_.part_of[variable] != none;
    }

  private:
    [[nodiscard]] bool can_be(const GuardValues& values, std::uint32_t lacking) const;

    Parts parts_;
    GuardValues answered_;
};

}  // namespace pvsplan::graph
