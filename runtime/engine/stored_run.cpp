#include "runtime/engine/stored_run.hpp"

#include "compiler/program/codec.hpp"

namespace pvsplan::engine {

// The plan comes from the store, not from the file that it was compiled from: a run goes on with what it began with.
base::Result<StoredRun> stored_run(const ports::Runs& runs, const std::string& run) {
    StoredRun stored;
    base::Result<std::optional<ports::RunRow>> row = runs.run(run);
    if (!row) return std::move(row).error();
    if (!*row) return base::Error{"there is no run `" + run + "`"};
    stored.row = **row;
    base::Result<std::string> bytes = runs.plan_bytes(run);
    if (!bytes) return std::move(bytes).error();
    base::Result<program::Plan> plan = program::decode(*bytes);
    if (!plan) return std::move(plan).error().because_of("the plan of the run " + run + " cannot be read");
    stored.plan = std::make_unique<program::Plan>(std::move(*plan));
    base::Result<std::vector<ports::RecordRow>> records = runs.records(run);
    if (!records) return std::move(records).error();
    stored.records = std::move(*records);
    return stored;
}

}  // namespace pvsplan::engine
