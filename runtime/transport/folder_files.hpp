// Files of job folders on this machine: reading, writing, and which process has claimed a job.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/process_group.hpp"

namespace pvsplan::transport {

// Up to `max_bytes` bytes; nothing if there is no such file. A pipe is not waited for.
std::optional<std::string> read_file(const std::string& path, std::uint64_t max_bytes);
// The same where others may put what they like at the path: no link is followed.
std::optional<std::string> read_own_file(const std::string& path, std::uint64_t max_bytes);
// Up to `max_bytes` bytes from its end.
std::string read_end(const std::string& path, std::uint64_t max_bytes);
std::uint64_t size_of(const std::string& path);  // 0 if there is none

// Renamed into place once it is whole; mode 0600.
base::Status write_file(const std::string& path, std::string_view bytes);
// All missing folders of `path`, mode 0700.
base::Status make_folders(const std::string& path);
// The folder and what is in it; whatever goes wrong is left for the next time.
void remove_folder(const std::string& path);
// The folder of a job whose end is known. Where a process that it left behind can still print into it, it is marked as
// `late` instead: its files stay where the keeper finds and bounds them, and the keeper removes it (output.hpp).
void remove_job_folder(const std::string& path);
// Likewise, but it is only hidden, for whoever has many to remove later: nobody looks for the job or at what it prints
// any more. Returns where it is now; empty: it is marked.
std::string put_aside(const std::string& path);
// Removes the folders in `path` that nobody has touched for `days`.
void remove_old_folders(const std::string& path, int days);

// What is to be the exit status of a job, until it is one.
inline constexpr std::string_view status_room = "exit.room";
// Likewise its claim.
inline constexpr std::string_view spare_claim = "claim";
// Why the file, which is there, cannot be read; empty: it can, or there is none.
std::string why_unread(const std::string& path);
// The first word of a job's `exit`, which may be damaged; nothing while it is not there whole, or is another job's: of
// a folder that was used before, a crash may bring that one back.
std::optional<std::string> read_status(const std::string& folder, std::string_view key);
// Makes the folder of a job that is over into that of one that has not begun; its outputs, claim and status become
// files to be written over. False: there is more in it, or a process that the job began may still be there.
bool make_new(const std::string& folder, std::string_view key);

// Who claimed a job: the content of `begun.N`.
struct Claim {
    std::string mark;  // "PID START BOOT PIDS MACHINE" or "void"
    ports::ProcessName runner;
    [[nodiscard]] bool is_void() const { return mark == "void"; }
};
Claim parse_claim(std::string_view text);
// The claim that counts, and its N: the first that is not void, or the first that is free.
struct Generation {
    std::uint32_t number = 0;
    std::optional<Claim> claim;
    std::string
        unread;  // why nobody can tell whether there is one, as where too many files are open; empty: it is told
};
Generation read_generation(const std::string& folder);
// Whether something of the job may run: of what cannot be read or seen nobody can say that nothing does.
bool may_run(const std::string& folder);
// What a runner on this machine puts behind its number and its start: "BOOT PIDS MACHINE".
std::string borders_of_claims();
// Claims for nobody. False: somebody was faster.
bool claim_void(const std::string& folder, std::uint32_t generation);

}  // namespace pvsplan::transport
