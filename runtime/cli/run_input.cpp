#include "runtime/cli/run_input.hpp"

#include "compiler/program/codec.hpp"

namespace pvsplan::cli {

base::Result<std::unique_ptr<RunInput>> read_run_input(ports::Store& store, const ports::RunRow& row) {
    base::Result<std::string> bytes = store.plan_bytes(row.id);
    if (!bytes) return std::move(bytes).error();
    base::Result<program::Plan> plan = program::decode(*bytes);
    if (!plan) return std::move(plan).error().because_of("the plan of the run " + row.id + " cannot be read");
    auto input = std::make_unique<RunInput>();
    input->row = row;
    input->plan = std::move(*plan);
    return input;
}

}  // namespace pvsplan::cli
