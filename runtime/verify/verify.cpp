#include "runtime/verify/verify.hpp"

#include <algorithm>

#include "runtime/journal/replay.hpp"
#include "runtime/verify/legal.hpp"
#include "runtime/verify/requirements.hpp"

namespace pvsplan::verify {

std::size_t Report::count(RequirementOutcome::Compliance is) const {
    return static_cast<std::size_t>(std::count_if(outcomes.begin(), outcomes.end(),
                                                  [&](const RequirementOutcome& one) { return one.compliance == is; }));
}

// The row stands outside of the chain of hashes, and a run is taken up under a lease on the farm that it names.
std::string fault_of_row(const ports::RunRow& row, const program::Plan& plan) {
    if (row.plan != plan.name || row.farm != plan.farm)
        return "the store says that the run is one of the plan `" + row.plan + "` on the farm `" + row.farm +
               "`, its compiled plan is `" + plan.name + "` on the farm `" + plan.farm + "`";
    if (row.digest != plan.digest)
        return "the store says that the run is one of the compiled plan " + row.digest + ", it is one of " +
               plan.digest;
    return "";
}

// The row and the records are written in one commit, so any difference comes from outside. A run that was given up may
// have a journal that could not be read any more.
std::string fault_of_tail(const ports::RunRow& row, std::uint64_t records, const std::string& last_hash,
                          const std::string& halted) {
    if (row.records > records)
        return "the run has had " + std::to_string(row.records) + " records, but " + std::to_string(records) +
               " are there: record " + std::to_string(records + 1) + " and what followed are missing";
    if (row.records < records)
        return "the store knows of " + std::to_string(row.records) + " records, but " + std::to_string(records) +
               " are there: record " + std::to_string(row.records + 1) + " was added";
    if (row.head != last_hash)
        return "record " + std::to_string(records) +
               " is not the one that the store knows as the last: it was exchanged";
    if (row.outcome != halted && row.outcome != "given up")
        return "the store says that the run stands as `" + row.outcome + "`, its records say `" + halted + "`";
    return "";
}

// The worst first: damage, then what no run may write, then what was not kept.
std::string first_fault(const Report& report) {
    const auto at = [](std::uint64_t record) { return record == 0 ? "" : "record " + std::to_string(record) + ": "; };
    if (!report.damage.empty()) return at(report.damage[0].record) + report.damage[0].text;
    if (!report.illegal.empty()) return at(report.illegal[0].record) + report.illegal[0].text;
    for (const RequirementOutcome& one : report.outcomes)
        if (one.compliance == RequirementOutcome::Compliance::broken)
            return at(one.record) + "`" + one.name + "` was not kept: " + one.text;
    return "";
}

// After damage nothing more is judged: what follows a changed record says nothing that could be believed.
Report verify(const program::Plan& plan, const ports::RunRow& row, const std::vector<ports::RecordRow>& rows) {
    Report report;
    state::RunState run(plan);
    Legal legal(run);
    Requirements requirements(run);
    for (const ports::RecordRow& bytes : rows) {
        const std::uint64_t number = run.records + 1;
        const base::Result<journal::Record> record = journal::read_next(run, bytes);
        if (!record) {
            report.damage.push_back({number, record.error().text()});
            break;
        }
        // The three look at each record in this order: whether it may come, what it changes, what has become true by
        // it.
        std::string fault = legal.fault(*record);
        requirements.before(*record);
        if (const base::Status applied = journal::apply(run, *record); !applied) {
            report.damage.push_back({number, applied.error().text()});
            break;
        }
        if (!fault.empty()) report.illegal.push_back({number, std::move(fault)});
        run.last_hash = bytes.hash;
        legal.applied(*record);
        requirements.after(*record);
    }
    report.records = rows.size();
    if (report.damage.empty())
        if (std::string fault = fault_of_row(row, plan); !fault.empty()) report.damage.push_back({0, std::move(fault)});
    if (report.damage.empty())
        if (std::string fault = fault_of_tail(row, rows.size(), run.last_hash, run.halted); !fault.empty())
            report.damage.push_back({0, std::move(fault)});
    report.is_recovering = requirements.is_recovering();
    report.is_over = run.halted == "done";
    if (report.damage.empty()) report.outcomes = requirements.outcomes();
    return report;
}

}  // namespace pvsplan::verify
