// Where the jobs of this machine are, and what was begun there.
//
// A folder of jobs is told apart from every other by `.place`, a random word that is written when it is made. So
// whether a job is looked for where it was begun does not hang on paths, HOME, the account or the machine that is
// asked: only in the folder with the same word is "there is no such job" an answer. `.begun.UID.RUN` names every job
// that the account ever began there: one whose own folder is gone is not one that never began.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"

namespace pvsplan::transport {

struct JobsFolder {
    std::string path;
    std::string id;                   // the word in `.place`
    std::vector<std::string> claims;  // what the names of claims are put behind; the first that can be written is used
    // "ID uid=0 machine=… folder=…": what the journal keeps of it.
    [[nodiscard]] std::string place() const;
};
// The folder of this account, made if it is not there. `given`: by `connect`, else empty: where ports/places.hpp says.
// An error if somebody else could write there.
base::Result<JobsFolder> open_jobs_folder(const std::string& given);

// "it was begun in /a as uid 0 on machine m, which is not where it was looked for: …"; empty: `place` is `here`.
std::string difference(std::string_view place, std::string_view here);

// The ledgers of what was begun, one for each account and run. Once nothing goes on with a run nobody asks any more.
inline constexpr std::uint64_t max_ledger_bytes = 64U << 20U;
base::Status note_begun(const std::string& folder, const std::string& key);
std::vector<std::string> begun_of(const std::string& folder, const std::string& run);  // by this account
bool was_begun(const std::string& folder, const std::string& key);
void forget_begun(const std::string& folder, const std::string& run);

}  // namespace pvsplan::transport
