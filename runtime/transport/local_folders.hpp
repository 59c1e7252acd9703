// The folders of jobs on this machine that one coordinator uses: which one a job lies in, the keeper of each, and what
// is removed from them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/ports/transport.hpp"
#include "runtime/transport/loop.hpp"
#include "runtime/transport/place.hpp"

namespace pvsplan::transport {

class LocalFolders {
  public:
    // `by_default`: where `connect` names none; empty: as place.hpp says.
    // How long retired jobs stay: retired.hpp.
    LocalFolders(Loop& loop, std::string by_default, std::int64_t retired_s)
        : loop_(&loop), by_default_(std::move(by_default)), retired_s_(retired_s) {}
    ~LocalFolders() { remove_ended(); }
    LocalFolders(const LocalFolders&) = delete;
    LocalFolders& operator=(const LocalFolders&) = delete;

    // The folder that the job lies in. An error says why it cannot be trusted or made.
    [[nodiscard]] base::Result<const JobsFolder*> of(const ports::Job& job);
    // Removes what nobody has touched for days, and what was retired for one, now and then.
    void clean(const JobsFolder& folder);
    // Starts the keeper of the folder if it has none: it bounds what jobs print, whether or not anybody waits for them.
    void look_after(const JobsFolder& folder);

    // The job begins or is asked about, in this folder.
    void used(const std::string& key, const JobsFolder& folder) { folder_of_[key] = folder.path; }
    // Makes the folder of a job that is about to begin out of one that is over, where there is one: to make a file
    // costs more than to have one. What says how a job ended has its name in it, since a crash could bring it back.
    void furnish(const std::string& folder);

    // Its end is in the journal: what it left is removed, together with what others left.
    void recorded(const std::string& key);

  private:
    struct Known {
        JobsFolder folder;            // one that was given out stays where it is
        ports::Millis keeper_at = 0;  // when its keeper was last looked for; 0: never
        ports::Millis clean_at = 0;
    };
    Known& known(const JobsFolder& folder);
    void remove_ended();

    Loop* loop_;
    std::string by_default_;
    std::int64_t retired_s_;
    std::map<std::string, Known> known_;            // by what `connect` says of it
    std::map<std::string, std::string> folder_of_;  // by key of a job
    std::vector<std::string> ended_;                // folders of single jobs, hidden
    std::vector<std::string> spare_;                // likewise, as of jobs that have not begun
};

}  // namespace pvsplan::transport
