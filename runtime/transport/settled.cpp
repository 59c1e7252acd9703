#include "runtime/transport/settled.hpp"

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

constexpr std::uint64_t longest_ledger = 64U << 20U;
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

std::string settled_in(const std::string& folder) { return folder + "/.settled." + ports::account_id(); }

// A folder that somebody else made would say for us what may be removed.
bool is_ours(const std::string& settled) { return ports::distrust(settled).empty(); }

struct Settled {
    Moment since;
    std::vector<std::string> keys;
};
std::optional<Settled> read_settled(const std::string& file) {
    const std::optional<std::string> text = read_own_file(file, longest_ledger);
    if (!text) return std::nullopt;
    std::istringstream lines(*text);
    Settled settled;
    if (!(lines >> settled.since.uptime >> settled.since.time)) return std::nullopt;
    for (std::string key; lines >> key;)
        if (is_good_key(key)) settled.keys.push_back(key);
    return settled;
}

// A machine that was started since has an uptime of its own; that much at least has gone by.
bool is_over(const Moment& since, const Moment& at, std::int64_t after_s) {
    const std::int64_t up = at.uptime < since.uptime ? at.uptime : at.uptime - since.uptime;
    return up >= after_s && at.time - since.time >= after_s;
}

}  // namespace

// The folders of most jobs of a store that nobody shares are gone by then.
void settle(const std::string& folder, const std::string& run) {
    const std::string settled = settled_in(folder);
    std::string kept;
    for (const std::string& key : begun_of(folder, run))
        if (std::error_code unseen; is_good_key(key) && fs::exists(folder + "/" + key, unseen)) kept += key + "\n";
    const std::optional<Moment> at = now();
    if (at && !kept.empty() && is_good_key(run) && make_folders(settled) && is_ours(settled))
        (void)write_file(settled + "/" + run,
                         std::to_string(at->uptime) + " " + std::to_string(at->time) + "\n" + kept);
    forget_begun(folder, run);
}

// The file goes last: a crash in between leaves the keys in both, which says nothing wrong.
void unsettle(const std::string& folder, const std::string& run) {
    const std::string settled = settled_in(folder);
    const std::string file = settled + "/" + run;
    std::error_code failed;
    if (!is_good_key(run) || !fs::exists(file, failed) || !is_ours(settled)) return;
    const std::optional<Settled> of_run = read_settled(file);
    if (!of_run) return;
    for (const std::string& key : of_run->keys)
        if (!note_begun(folder, key)) return;
    fs::remove(file, failed);
}

// Once no job of a run is left its file goes as well. Up to a bound at once, since this runs on the loop.
bool remove_settled(const std::string& folder, std::int64_t after_s) {
    const std::string settled = settled_in(folder);
    const std::optional<Moment> at = now();
    if (std::error_code failed; !at || !fs::exists(settled, failed) || !is_ours(settled)) return true;
    int removed = 0;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(settled, failed)) {
        const std::optional<Settled> of_run = read_settled(entry.path());
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
