#include "runtime/engine/journal_writer.hpp"

#include "compiler/base/check.hpp"
#include "runtime/journal/replay.hpp"

namespace pvsplan::engine {

// The state moves with the record, not with the commit: records of one turn build on each other. A commit that fails
// leaves a state that nobody may act upon, which is why nothing starts after it.
void JournalWriter::write(journal::Record record) {
    record.at = clock_->now();
    auto row = journal::seal(*run_, record);
    const auto status = journal::apply(*run_, record);
    base::check(status.ok(), status.ok() ? "" : status.error().text());
    run_->last_hash = row.hash;
    rows_.push_back(std::move(row));
}

// Rows stay where they are if it fails: whether they reached the store is then not known, and is not guessed.
base::Status JournalWriter::commit() {
    if (rows_.empty() && !outcome_) return base::Done{};
    base::check(runs_ != nullptr, "what is only tried is not committed");
    auto status = runs_->append(lease_, run_id_, rows_, outcome_, clock_->now());
    if (!status) return status;
    rows_.clear();
    outcome_.reset();
    return status;
}

}  // namespace pvsplan::engine
