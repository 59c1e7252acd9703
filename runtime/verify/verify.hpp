// Checks a journal as a schedule of the compiled plan. The code of the engine is not used, so the two check each other.
// One pass over the records; time is linear in the records and in the edges of the plan.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "runtime/ports/runs.hpp"

namespace pvsplan::verify {

struct Problem {
    std::uint64_t record = 0;  // 0: of the journal as a whole
    std::string text;
};

// Whether the run kept a requirement of the plan.
struct RequirementOutcome {
    enum class Compliance : std::uint8_t { kept, broken, not_told, waived };
    Compliance compliance = Compliance::kept;
    std::string name;
    std::uint64_t record = 0;  // broken: the record by which it was, or 0 for the end of the run
    std::string text;          // broken, not_told: why
    // Nothing is proved of a rollback by `recover`, so what it did to the requirement is told apart: the record that
    // broke it (0: nobody can tell whether it was kept), and why; empty: it was kept.
    std::uint64_t recover_record = 0;  // the same while a `recover` ran
    std::string recover_text = {};
};

// What is wrong with a journal, from the worst on: damage makes all that follows it worthless.
struct Report {
    std::uint64_t records = 0;                 // in the journal, also damaged ones
    std::vector<Problem> damage;               // records that are not as they were written
    std::vector<Problem> illegal;              // records that no run of this plan may write
    std::vector<RequirementOutcome> outcomes;  // by requirement of the plan; empty where the journal is damaged
    bool is_recovering = false;                // rolled back by `recover`, of which nothing is proved
    bool is_over = false;                      // done: requirements on completed runs were checked

    [[nodiscard]] std::size_t count(RequirementOutcome::Compliance is) const;
    [[nodiscard]] bool is_intact() const { return damage.empty() && illegal.empty(); }
    [[nodiscard]] bool is_good() const { return is_intact() && count(RequirementOutcome::Compliance::broken) == 0; }
};

// `row`: the row of the run in the store. Its head and its outcome must be those of the last records.
Report verify(const program::Plan& plan, const ports::RunRow& row, const std::vector<ports::RecordRow>& rows);

// "record 12: it begins before `one` is over"; empty: the report is good.
std::string first_fault(const Report& report);

// What the row of a run says otherwise than its compiled plan; empty: nothing.
std::string fault_of_row(const ports::RunRow& row, const program::Plan& plan);

// What is wrong with the end of a journal whose records are intact; empty: nothing.
std::string fault_of_tail(const ports::RunRow& row, std::uint64_t records, const std::string& last_hash,
                          const std::string& halted);

}  // namespace pvsplan::verify
