// A requirement: its text, and its meaning with names resolved. One type for all who deal with it: the checks decide
// it, the compiled plan stores it, a resumed run has it proved again for its remaining steps, and a journal is held
// against it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "compiler/base/source.hpp"
#include "compiler/program/expr.hpp"

namespace pvsplan::program {

// `upgrade(server s) where s.site == "east" per s`: in `where` and `per` local 0 is the object.
struct EventDemand {
    std::string verb;
    std::string kind;
    ExprPtr where;  // null: all; reads attributes only
    ExprPtr per;    // null: one count for all
};
// `down(server s) where …`: the condition over local 0 reads states of the object, and possibly of others.
struct StateDemand {
    std::string kind;
    ExprPtr condition;
    ExprPtr where;
    std::string text;  // "down(server)" as written, for messages
};

// What is asked, by its form; the form says which parts are there.
struct Demand {
    // error: it could not be resolved, which was reported; or the compiled plan has its text only. Never decided.
    enum class Form : std::uint8_t { error, count, always, before, then, during, never, finally_ };
    enum class Bound : std::uint8_t { exactly, at_most, at_least };
    enum class Quantifier : std::uint8_t { every, some };
    Form form = Form::error;
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
    std::string verdict;         // when it was compiled: holds, violated, vacuous, undecided
    std::string waived_because;  // not empty: the plan waives it, and the policy allows that
    bool is_waivable = false;    // its policy lets plans waive it
    Demand demand;
};

// Where it stands in the source; a table beside the requirements.
struct RequirementPlaces {
    base::Span whole;
    base::Span name;
    base::Span asked_at;  // what brought it into the plan: the entry that names its policy; else nowhere
};

}  // namespace pvsplan::program
