// Why a store refuses to write: the same words, whichever store it is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/runs.hpp"

namespace pvsplan::store {

base::Error lost_lease(const std::string& farm);
base::Error lease_on_another_farm(const std::string& leased, const std::string& farm);
base::Error used_plan(const std::string& run);           // of the run that it has had
base::Error used_archived_plan(const std::string& run);  // likewise, of one that was taken out
base::Error not_as_it_was(const std::string& run);       // which was to be taken out
base::Error run_is_there(const std::string& run);
base::Error no_run(const std::string& run);
base::Error no_compiled_plan(const std::string& run);

// Whether `rows` follow on each other and on the `there` records of the run.
base::Status check_numbers(const std::string& run, std::uint64_t there, const std::vector<ports::RecordRow>& rows);

}  // namespace pvsplan::store
