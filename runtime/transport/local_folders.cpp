#include "runtime/transport/local_folders.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "compiler/base/check.hpp"
#include "runtime/ports/child_process.hpp"
#include "runtime/ports/files.hpp"
#include "runtime/ports/places.hpp"
#include "runtime/ports/private_files.hpp"
#include "runtime/ports/process_group.hpp"
#include "runtime/transport/child.hpp"
#include "runtime/transport/connect.hpp"
#include "runtime/transport/folder_files.hpp"
#include "runtime/transport/retired.hpp"
#include "runtime/transport/scripts.hpp"

namespace pvsplan::transport {
namespace {

constexpr ports::Millis clean_every_ms = 3'600'000;
constexpr ports::Millis keeper_every_ms = 5000;  // whether it is there
// Folders of jobs whose end is in the journal are removed together: ext4 looks at every file that was deleted in the
// last minutes before it makes a new one, which costs a job more than its processes do. Until then they are out of the
// keeper's way, which looks at each folder several times a second.
constexpr std::size_t max_ended = 5000;
constexpr std::size_t max_spare = 100;

// Never 0, which says that something has never been.
ports::Millis steady_now_rounded_up() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
               .count() +
           1;
}

}  // namespace

// A folder is opened and checked once, and then known for the life of this process.
base::Result<const JobsFolder*> LocalFolders::of(const ports::Job& job) {
    const std::string given = connect_text(job, "jobs").value_or(by_default_);
    if (const auto found = known_.find(given); found != known_.end()) return &found->second.folder;
    if (!given.empty() && given.front() != '/')
        return base::Error{"`jobs` of " + (job.host ? job.host->id : "") + " is `" + given + "`, no absolute path"};
    auto folder = open_jobs_folder(given);
    if (!folder) return std::move(folder).error();
    return &known_.emplace(given, Known{.folder = std::move(*folder)}).first->second.folder;
}

LocalFolders::Known& LocalFolders::known(const JobsFolder& folder) {
    const auto found = std::find_if(known_.begin(), known_.end(),
                                    [&folder](const auto& one) { return &one.second.folder == &folder; });
    base::check(found != known_.end(), "a folder of jobs was given out by another");
    return found->second;
}

// What is retired goes a few hundred folders at a time, so that no job waits long for its turn on the loop.
void LocalFolders::clean(const JobsFolder& folder) {
    Known& cleaned = known(folder);
    const ports::Millis now = steady_now_rounded_up();
    if (now < cleaned.clean_at) return;
    if (!remove_retired(folder.path, retired_s_)) return;  // the rest next time
    cleaned.clean_at = now + std::min<ports::Millis>(clean_every_ms, retired_s_ * 1000);
    remove_old_folders(folder.path, days_kept);
}

// Two processes may both start one: the later writes its name into the file, and the other ends when it reads that.
void LocalFolders::look_after(const JobsFolder& folder) {
    Known& looked_after = known(folder);
    const ports::Millis now = steady_now_rounded_up();
    if (looked_after.keeper_at != 0 && now - looked_after.keeper_at < keeper_every_ms) return;
    looked_after.keeper_at = now;
    const std::string file = ".keeper." + ports::account_id();
    if (const auto text = read_own_file(folder.path + "/" + file, 1000))
        if (const Claim keeper = parse_claim(*text); ports::is_alive(keeper.runner) == ports::Alive::leader) return;
    auto keeper = ports::spawn({.argv = {"/bin/sh", "-c", keeper_script(), "pvsplan-keeper", folder.path, file},
                                .environment = plain_environment()});
    if (keeper) reap_later(*loop_, *keeper);
}

// Its end is in the journal: nobody asks for the folder again, so that another job may have it.
void LocalFolders::recorded(const std::string& key) {
    if (const auto found = folder_of_.find(key); found != folder_of_.end()) {
        if (std::string aside = put_aside(found->second + "/" + key); !aside.empty())
            (spare_.size() < max_spare && make_new(aside, key) ? spare_ : ended_).push_back(std::move(aside));
        folder_of_.erase(found);
    }
    if (ended_.size() >= max_ended) remove_ended();
}

// A spare folder has to lie in the same folder of jobs; where the rename fails the job gets a new one, as without it.
void LocalFolders::furnish(const std::string& folder) {
    const std::string within = folder.substr(0, folder.rfind('/') + 1);
    const auto spare = std::find_if(spare_.rbegin(), spare_.rend(),
                                    [&within](const std::string& one) { return one.starts_with(within); });
    if (spare == spare_.rend() || !ports::rename_to_new(*spare, folder)) return;
    spare_.erase(std::next(spare).base());
}

void LocalFolders::remove_ended() {
    for (std::vector<std::string>* folders : {&spare_, &ended_}) {
        for (const std::string& folder : *folders) remove_folder(folder);
        folders->clear();
    }
}

}  // namespace pvsplan::transport
