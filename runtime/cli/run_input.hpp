// A run that was named on the command line, and the plan that it runs.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/cli/environment.hpp"

namespace pvsplan::cli {

// Kept in its place: what follows a run points into the plan.
struct RunInput {
    ports::RunRow row;
    program::Plan plan;
};
// The plan as it was compiled then. An error where the store has none, or one that this version does not read.
base::Result<std::unique_ptr<RunInput>> read_run_input(const ports::Runs& runs, const ports::RunRow& row);

// The path of the step that `typed` means: one of its plan, by path or number, or one of its rollback once that has
// begun. An error names what is near.
base::Result<std::string> step_of_run(const ports::Store& store, const RunInput& input, const std::string& typed);

// The path of the iteration of a loop that `typed` is: "rest[pvs02]". An error names what is near.
base::Result<std::string> iteration_of_run(const RunInput& input, const std::string& typed);

// What of the farm of each run is simulated, as a word ("all", "some", "nothing"; empty if its plan cannot be read).
std::map<std::string, std::string> simulated_words(const ports::Runs& runs, const std::vector<ports::RunRow>& rows);

// Tells that records of the run are missing, so that it is not shown as if it were whole.
void tell_missing_records(Session& session, const ports::Runs& runs, const ports::RunRow& row);

}  // namespace pvsplan::cli
