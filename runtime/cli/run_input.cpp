#include "runtime/cli/run_input.hpp"

#include "compiler/program/codec.hpp"

namespace pvsplan::cli {

base::Result<std::unique_ptr<RunInput>> find_run_input(const Session& session, const std::string& name) {
    base::Result<std::unique_ptr<ports::Store>> store = open_store(session, StoreUse::read);
    if (!store) return std::move(store).error();
    base::Result<ports::RunRow> row = engine::find_run(**store, name);
    if (!row) return std::move(row).error();
    base::Result<std::string> bytes = (*store)->plan_bytes(row->id);
    if (!bytes) return std::move(bytes).error();
    base::Result<program::Plan> plan = program::decode(*bytes);
    if (!plan) return std::move(plan).error().because_of("the plan of the run " + row->id + " cannot be read");
    auto input = std::make_unique<RunInput>();
    input->row = *row;
    input->plan = std::move(*plan);
    return input;
}

}  // namespace pvsplan::cli
