// Requirements after names have been resolved, and what is decided about them. Forms and meanings: README.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/program/expr.hpp"
#include "compiler/program/plan.hpp"
#include "compiler/syntax/ast.hpp"

namespace pvsplan::checks {

using Form = syntax::RequirementText::Form;
using syntax::Bound;
using syntax::Quantifier;

// `upgrade(server s) where s.site == "east" per s`: in `where` and `per` local 0 is the object.
struct EventQuery {
    std::string verb;
    std::uint32_t kind = 0;  // row of Facts::objects_of_kind
    program::ExprPtr where;  // null: all; reads attributes only
    program::ExprPtr per;    // null: one count for all
    base::Span span;
};

// `down(server s) where …`: the condition over local 0 reads states of the object, and possibly of others.
struct StateQuery {
    std::uint32_t kind = 0;
    program::ExprPtr condition;
    program::ExprPtr where;
    std::string text;  // "down(server)" as written, for messages
    base::Span span;
};

struct Requirement {
    std::string name;
    std::string source;  // as written
    std::string because;
    Form form = Form::error;  // error value: reported already, accepted silently
    Bound bound = Bound::exactly;
    program::ExprPtr number;
    Quantifier left_quantifier = Quantifier::every;
    Quantifier right_quantifier = Quantifier::every;
    std::optional<EventQuery> left;
    std::optional<EventQuery> right;
    std::optional<StateQuery> state;
    program::ExprPtr per;        // of `always`
    bool same_object = false;    // the variable of the left half is used in the right half
    std::string waived_because;  // not empty: the plan waives it, and the policy allows that
    base::Span asked_at;         // what brought it into the plan: the entry that names its policy; else nowhere
    base::Span span;
    base::Span name_span;
};

enum class Verdict : std::uint8_t { holds, violated, vacuous, undecided };
std::string_view name_of(Verdict verdict);
// The verdict on a requirement is that of its parts with the highest rank: violated, then undecided, holds, vacuous.
int rank(Verdict verdict);

struct Moment {                                              // an entry of a schedule
    enum class What : std::uint8_t { start, finish, fail };  // fail: its iteration is abandoned, others go on
    What what = What::start;
    std::uint32_t node = 0;
};

// A prefix of a schedule that shows the violation, and the objects concerned.
struct Witness {
    std::vector<Moment> schedule;
    std::vector<program::ObjectId> objects;
    std::vector<std::uint32_t> nodes;  // the nodes concerned: the two without an order, the running ones …
    std::vector<std::pair<std::string, bool>>
        assumptions;  // the guards and parameters as assigned: "steps.check.old" true
};

struct Decision {
    Verdict verdict = Verdict::holds;
    std::string reason;   // one sentence on what was found: "pvs02 and pvs03 can be down together"
    std::string missing;  // undecided: what to supply
    std::optional<Witness> witness;
    std::int64_t reached =
        -1;  // counts and always: the number that was reached at worst (most for at most, least for at least)
    // An order that would repair it: `after` waits for `before`. The pipeline makes the edit, as it knows the text.
    struct MissingOrder {
        std::uint32_t before = 0;
        std::uint32_t after = 0;
    };
    std::optional<MissingOrder> fix;

    // The step to point at, the one that it should have waited for, and the one after whose failure others go on. There
    // is no step if no node does what is missing.
    std::optional<std::uint32_t> step;
    std::optional<std::uint32_t> other;
    std::optional<std::uint32_t> fails;
    enum class Missing : std::uint8_t { nothing, left, right, state };  // the event or state that nothing brings about
    Missing lacks = Missing::nothing;
    std::vector<std::uint32_t> reads;  // state variables that the missing state depends on
};

}  // namespace pvsplan::checks
