// What is decided about a requirement. Forms and meanings: README.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "compiler/program/requirement.hpp"
#include "compiler/schedule/interval.hpp"
#include "compiler/schedule/schedule.hpp"

namespace pvsplan::checks {

using program::EventDemand;
using program::Requirement;
using program::StateDemand;
using Form = program::Demand::Form;
using Bound = program::Demand::Bound;
using Quantifier = program::Demand::Quantifier;

enum class Verdict : std::uint8_t { holds, violated, vacuous, undecided };
std::string_view name_of(Verdict verdict);
// The verdict on a requirement is that of its parts with the highest rank: violated, then undecided, holds, vacuous.
int rank(Verdict verdict);

// A prefix of a schedule that shows the violation, and the objects concerned.
struct Witness {
    std::vector<schedule::Moment> schedule;
    std::vector<program::ObjectId> objects;
    std::vector<std::uint32_t> nodes;  // the nodes concerned: the two without an order, the running ones …
    std::vector<std::pair<std::string, bool>>
        assumptions;  // the guards and parameters as assigned: "steps.check.old" true
};

// `always`: the most objects that can be counted at one moment of any schedule: those that are in the state for `at
// most`, those that are not for `at least`.
struct WorstMoment {
    std::vector<program::ObjectId> members;           // all that may be counted
    std::vector<schedule::IntervalConjunction> open;  // one of each that is: all can hold at once
    bool counts_in_state = true;                      // false: those that are not in the state are counted
    std::int64_t allowed = 0;                         // so many may be counted
};

struct Decision {
    Verdict verdict = Verdict::holds;
    std::string reason;   // one sentence on what was found: "pvs02 and pvs03 can be down together"
    std::string missing;  // undecided: what to supply
    std::optional<Witness> witness;
    std::optional<WorstMoment> worst;  // of `always` with a bound, whatever the verdict
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
