// Jobs of a run that nothing goes on with any more. They stay for a day: a store that several machines share may have
// gone back to an earlier time by then, and the run that it has asks again how they ended.
//
//   JOBS/.retired.UID/RUN    "UPTIME TIME", both in seconds, when nothing went on any more; then the ledger of the run
//
// A day is over once both clocks say so: time of day may have been set forward, and the folder be used by a machine, or
// a container, that was started earlier. Where a machine was started since, only what went by after that is counted.
#pragma once

#include <cstdint>
#include <string>

namespace pvsplan::transport {

inline constexpr std::int64_t retired_kept_s = 24LL * 3600;
// Of any other run, such as one that nobody goes on with: after so many days without a change a job that does not run
// any more is removed.
inline constexpr int days_kept = 14;

// Nothing goes on with the run: from here on nobody asks for what it has begun.
void retire(const std::string& folder, const std::string& run);
// Somebody goes on with it: its ledger is back.
void reinstate(const std::string& folder, const std::string& run);
// Removes what has been retired for so long, but no job that has something running. Not more than a few hundred folders
// at once; false: there are more.
bool remove_retired(const std::string& folder, std::int64_t after_s);

}  // namespace pvsplan::transport
