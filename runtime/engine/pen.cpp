#include "runtime/engine/pen.hpp"

#include "compiler/base/check.hpp"
#include "runtime/journal/replay.hpp"

namespace pvsplan::engine {

void Pen::write(journal::Record record) {
    record.at = clock_->now();
    auto row = journal::seal(*run_, record);
    const auto status = journal::apply(*run_, record);
    base::check(status.ok(), status.ok() ? "" : status.error().text());
    run_->last_hash = row.hash;
    rows_.push_back(std::move(row));
}

base::Status Pen::commit() {
    if (rows_.empty() && !outcome_) return base::Done{};
    auto status = store_->append(hold_, run_id_, rows_, outcome_, clock_->now());
    if (!status) return status;
    rows_.clear();
    outcome_.reset();
    return status;
}

}  // namespace pvsplan::engine
