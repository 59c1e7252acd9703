#include "runtime/transport/retired.hpp"

#include <ctime>
#include <filesystem>
#include <optional>
#include <sstream>
#include <vector>

#include "runtime/ports/clock.hpp"
#include "runtime/ports/places.hpp"
#include "runtime/ports/private_files.hpp"
#include "runtime/ports/process_group.hpp"
#include "runtime/transport/folder_files.hpp"
#include "runtime/transport/job_folder.hpp"
#include "runtime/transport/place.hpp"

namespace pvsplan::transport {

namespace fs = std::filesystem;

namespace {

constexpr int max_removed = 200;

struct Moment {
    std::int64_t uptime = 0;
    std::int64_t time = 0;
};

// None where the machine does not say since when it runs: there jobs stay until they are old.
std::optional<Moment> now() {
    const std::optional<std::int64_t> uptime = ports::uptime_s();
    if (!uptime) return std::nullopt;
    return Moment{.uptime = *uptime, .time = std::time(nullptr)};
}

std::string retired_in(const std::string& folder) { return folder + "/.retired." + ports::account_id(); }

// A folder that somebody else made would say for us what may be removed.
bool is_ours(const std::string& retired) { return ports::distrust(retired).empty(); }

struct Retired {
    Moment since;
    std::vector<std::string> keys;
};
// Others may have put it there: what is no key is left out.
std::optional<Retired> read_retired(const std::string& file) {
    const std::optional<std::string> text = read_own_file(file, max_ledger_bytes);
    if (!text) return std::nullopt;
    std::istringstream lines(*text);
    Retired retired;
    if (!(lines >> retired.since.uptime >> retired.since.time)) return std::nullopt;
    for (std::string key; lines >> key;)
        if (is_good_key(key)) retired.keys.push_back(key);
    return retired;
}

// A machine that was started since has an uptime of its own; that much at least has gone by.
bool is_over(const Moment& since, const Moment& at, std::int64_t after_s) {
    const std::int64_t up = at.uptime < since.uptime ? at.uptime : at.uptime - since.uptime;
    return up >= after_s && at.time - since.time >= after_s;
}

}  // namespace

// The folders of most jobs of a store that nobody shares are gone by then.
void retire(const std::string& folder, const std::string& run) {
    const std::string retired = retired_in(folder);
    std::string kept;
    for (const std::string& key : begun_of(folder, run))
        if (std::error_code unseen; is_good_key(key) && fs::exists(folder + "/" + key, unseen)) kept += key + "\n";
    const std::optional<Moment> at = now();
    if (at && !kept.empty() && is_good_key(run) && make_folders(retired) && is_ours(retired))
        (void)write_file(retired + "/" + run,
                         std::to_string(at->uptime) + " " + std::to_string(at->time) + "\n" + kept);
    forget_begun(folder, run);
}

// The file goes last: a crash in between leaves the keys in both, which says nothing wrong.
void reinstate(const std::string& folder, const std::string& run) {
    const std::string retired = retired_in(folder);
    const std::string file = retired + "/" + run;
    std::error_code failed;
    if (!is_good_key(run) || !fs::exists(file, failed) || !is_ours(retired)) return;
    const std::optional<Retired> of_run = read_retired(file);
    if (!of_run) return;
    for (const std::string& key : of_run->keys)
        if (!note_begun(folder, key)) return;
    fs::remove(file, failed);
}

// Once no job of a run is left its file goes as well. Up to a bound at once, since this runs on the loop.
bool remove_retired(const std::string& folder, std::int64_t after_s) {
    const std::string retired = retired_in(folder);
    const std::optional<Moment> at = now();
    if (std::error_code failed; !at || !fs::exists(retired, failed) || !is_ours(retired)) return true;
    int removed = 0;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(retired, failed)) {
        const std::optional<Retired> of_run = read_retired(entry.path());
        if (!of_run || !is_over(of_run->since, *at, after_s)) continue;
        bool is_left = false;
        for (const std::string& key : of_run->keys) {
            const std::string job = folder + "/" + key;
            if (std::error_code unseen; !fs::exists(fs::symlink_status(job, unseen))) continue;
            if (may_run(job)) {
                is_left = true;
                continue;
            }
            if (++removed > max_removed) return false;
            remove_job_folder(job);
        }
        if (!is_left) fs::remove(entry.path(), failed);
    }
    return true;
}

}  // namespace pvsplan::transport
