// A requirement of the plan: its text, and its meaning with names resolved and parameters substituted. So a resumed run
// can have it proved again for the remaining steps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "compiler/program/expr.hpp"

namespace pvsplan::program {

// In `where`, `per` and `condition` variable 0 is the object.
struct EventDemand {
    std::string verb;
    std::string kind;
    ExprPtr where;  // null: all
    ExprPtr per;    // null: one count for all
};
struct StateDemand {
    std::string kind;
    ExprPtr condition;
    ExprPtr where;
    std::string text;  // "down(server)" as written
};

struct Demand {
    enum class Form : std::uint8_t { count, always, before, then, during, never, finally_ };
    enum class Bound : std::uint8_t { exactly, at_most, at_least };
    enum class Quantifier : std::uint8_t { every, some };
    Form form = Form::never;
    Bound bound = Bound::exactly;  // count, always
    ExprPtr number;
    Quantifier left_quantifier = Quantifier::every;
    Quantifier right_quantifier = Quantifier::every;
    std::optional<EventDemand> left;
    std::optional<EventDemand> right;
    std::optional<StateDemand> state;
    ExprPtr per;               // of `always`
    bool same_object = false;  // the variable of the left half is used in the right half
};

struct Requirement {
    std::string name;
    std::string require;  // as written
    std::string because;
    std::string verdict;  // when it was compiled: holds, violated, vacuous, undecided
    std::string waived_because;
    std::optional<Demand> demand;  // none: an earlier version compiled it and stored its text only
};

}  // namespace pvsplan::program
