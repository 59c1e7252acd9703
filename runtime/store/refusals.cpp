#include "runtime/store/refusals.hpp"

namespace pvsplan::store {

using base::Error;

// These words are the same for every store: people meet them whichever keeps their runs.
Error lost_lease(const std::string& farm) {
    return {"this process has lost its hold on the farm `" + farm + "`: another one has taken it over"};
}

Error lease_on_another_farm(const std::string& leased, const std::string& farm) {
    return {"a run on the farm `" + farm + "` cannot be written with the lease on the farm `" + leased + "`"};
}

Error used_plan(const std::string& run) {
    return {"this compiled plan has had its run: `" + run + "`; go on with it by `pvsplan resume`, or compile again"};
}

Error used_archived_plan(const std::string& run) {
    return {"this compiled plan has had its run, `" + run +
            "`, which was archived; a new run wants a plan that was compiled for the farm as it is now"};
}

Error not_as_it_was(const std::string& run) {
    return {"the run `" + run + "` is not as it was when it was written into its file: somebody goes on with it"};
}

Error run_is_there(const std::string& run) { return {"there is a run `" + run + "` already"}; }

Error no_run(const std::string& run) { return {"the store has no run `" + run + "`"}; }

Error no_compiled_plan(const std::string& run) { return {"the store has no compiled plan for the run `" + run + "`"}; }

// Records follow each other without a gap, whoever wrote the ones before.
base::Status check_numbers(const std::string& run, std::uint64_t there, const std::vector<ports::RecordRow>& rows) {
    std::uint64_t last = there;
    for (const ports::RecordRow& row : rows)
        if (row.number != ++last)
            return Error{"record " + std::to_string(row.number) + " of the run `" + run +
                             "` cannot be written where record " + std::to_string(last) + " comes next",
                         {"somebody else has written to the store, or it was put back to an earlier time"}};
    return base::Done{};
}

}  // namespace pvsplan::store
