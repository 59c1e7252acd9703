// Every journal is a schedule that can be checked. Here it is, against the compiled plan and nothing else: what the
// engine thinks may come next is not asked. One pass over the records, linear in them and in the edges of the plan.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "runtime/ports/store.hpp"

namespace pvsplan::verify {

struct Problem {
    std::uint64_t record = 0;  // 0: of the journal as a whole
    std::string text;
};

// What really happened to a requirement of the plan.
struct RequirementOutcome {
    enum class Verdict : std::uint8_t { kept, broken, not_told, waived };
    Verdict verdict = Verdict::kept;
    std::string name;
    std::uint64_t record = 0;  // broken: the record by which it was, or 0 for the end of the run
    std::string text;          // broken, not_told: why
    // Of a rollback by `recover` nothing was proved. What it did to the requirement is told all the same: the record by
    // which it was not kept (0: it cannot be told whether it was), and why; empty: it was kept.
    std::uint64_t recover_record = 0;
    std::string recover_text = {};
};

struct Report {
    std::uint64_t records = 0;
    std::vector<Problem> damage;               // the journal is not as it was written
    std::vector<Problem> illegal;              // no run of this plan may have done that
    std::vector<RequirementOutcome> outcomes;  // by requirement of the plan; empty where the journal is damaged
    bool is_recovering = false;                // rolled back by `recover`: of what that does nothing was proved
    bool is_over = false;                      // done: what is asked of a run that completes was asked

    [[nodiscard]] std::size_t count(RequirementOutcome::Verdict is) const;
    [[nodiscard]] bool is_intact() const { return damage.empty() && illegal.empty(); }
    [[nodiscard]] bool is_good() const { return is_intact() && count(RequirementOutcome::Verdict::broken) == 0; }
};

// `row`: what the store says of the run beside its records; its head and its outcome have to be those of the last ones.
Report verify(const program::Plan& plan, const ports::RunRow& row, const std::vector<ports::RecordRow>& rows);

// "record 12: it begins before `one` is over"; empty: the report is good.
std::string first_fault(const Report& report);

// What is wrong with the end of a journal whose records are all right; empty: nothing.
std::string fault_of_tail(const ports::RunRow& row, std::uint64_t records, const std::string& last_hash,
                          const std::string& halted);

}  // namespace pvsplan::verify
