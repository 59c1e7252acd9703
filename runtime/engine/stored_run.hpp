// A run as the store has it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "compiler/program/plan.hpp"
#include "runtime/ports/runs.hpp"

namespace pvsplan::engine {

struct StoredRun {
    ports::RunRow row;
    std::unique_ptr<program::Plan> plan;  // stays where it is: what is derived from it points into it
    std::vector<ports::RecordRow> records;
};

// An error if there is no such run, or its plan or records cannot be read.
base::Result<StoredRun> stored_run(const ports::Runs& runs, const std::string& run);

}  // namespace pvsplan::engine
