#include "runtime/transport/folder_files.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/ports/files.hpp"
#include "runtime/ports/this_process.hpp"

namespace pvsplan::transport {

namespace fs = std::filesystem;

// None if it cannot be read or is longer; a link is followed, as people may have made one.
std::optional<std::string> read_file(const std::string& path, std::uint64_t max_bytes) {
    std::error_code failed;
    return ports::read_file(path, max_bytes, ports::Links::followed, failed);
}

// For what we have written ourselves: a link there was put by somebody else.
std::optional<std::string> read_own_file(const std::string& path, std::uint64_t max_bytes) {
    std::error_code failed;
    return ports::read_file(path, max_bytes, ports::Links::refused, failed);
}

// The last bytes of what may be growing: as many as there are when it is read.
std::string read_end(const std::string& path, std::uint64_t max_bytes) {
    const auto size = size_of(path);
    std::ifstream file(path, std::ios::binary);
    if (size > max_bytes) file.seekg(static_cast<std::streamoff>(size - max_bytes));
    std::string result(max_bytes, '\0');
    file.read(result.data(), static_cast<std::streamsize>(max_bytes));
    result.resize(static_cast<std::size_t>(file.gcount()));
    return result;
}

// 0 for what is not there.
std::uint64_t size_of(const std::string& path) {
    std::error_code failed;
    const std::uintmax_t size = fs::file_size(path, failed);
    return failed ? 0 : size;
}

// Whoever reads sees the old file or the new one, never a part. A crash leaves a `.part` that nobody reads.
base::Status write_file(const std::string& path, std::string_view bytes) {
    const std::string part = path + ".part";
    std::error_code failed = ports::write_file(part, bytes);
    if (failed) return base::Error{"`" + part + "` cannot be written", {failed.message()}};
    fs::rename(part, path, failed);
    if (failed) return base::Error{"`" + path + "` cannot be written", {failed.message()}};
    return base::Done{};
}

// The last folder is tried first, since it is usually there; the way up is as long as the path.
base::Status make_folders(const std::string& path) {
    std::error_code failed = ports::make_private_folder(path);
    if (!failed) return base::Done{};
    const std::string parent = fs::path(path).parent_path();
    if (failed == std::errc::no_such_file_or_directory && parent != path && !parent.empty()) {
        if (auto made = make_folders(parent); !made) return made;
        failed = ports::make_private_folder(path);
        if (!failed) return base::Done{};
    }
    return base::Error{"the folder `" + path + "` cannot be made", {failed.message()}};
}

void remove_folder(const std::string& path) {
    std::error_code code;
    fs::remove_all(path, code);
}

namespace {

constexpr std::string_view aside = ".over.";

// Whether a process of the job can still print into its folder, which is marked then.
bool is_late(const std::string& path) {
    for (const char* output : {"/out", "/err"})
        if (ports::is_open_for_writing(path + output) && write_file(path + "/late", "")) return true;
    return false;
}

}  // namespace

// A rename is all that it costs now; the files go later, many at once. Neither the keeper nor whoever asks for the job
// looks into a hidden folder.
std::string put_aside(const std::string& path) {
    if (is_late(path)) return "";
    const fs::path folder(path);
    const fs::path hidden = folder.parent_path() / (std::string(aside) + folder.filename().string());
    std::error_code failed;
    fs::rename(folder, hidden, failed);
    return failed ? path : hidden.string();
}

// Told apart from a file that is not there: a full table of descriptors is no missing claim.
std::string why_unread(const std::string& path) {
    std::error_code failed;
    if (ports::read_file(path, 1, ports::Links::followed, failed)) return "";
    return failed == std::errc::no_such_file_or_directory ? "" : "`" + path + "` cannot be read: " + failed.message();
}

// A line without its end is still being written. The key says whose status it is, since folders are used again.
std::optional<std::string> read_status(const std::string& folder, std::string_view key) {
    const auto text = read_file(folder + "/exit", 200);
    if (!text || text->find('\n') == std::string::npos) return std::nullopt;
    const std::string line = text->substr(0, text->find('\n'));
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string_view rest = std::string_view(line).substr(blank);
    if (!rest.empty() && rest.substr(1) != key && rest.substr(1) != std::string(key) + " left") return std::nullopt;
    return line.substr(0, blank);
}

// The status is renamed last but one and its claim last, so a crash on the way leaves a folder that is neither: it is
// hidden, and removed when it is old.
bool make_new(const std::string& folder, std::string_view key) {
    const auto status = read_file(folder + "/exit", 200);
    const auto is_ended = [&](std::string_view line) { return line.substr(line.find(' ') + 1) == key; };
    if (!status || !is_ended(std::string_view(*status).substr(0, status->find('\n')))) return false;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
        const std::string name = entry.path().filename();
        const bool is_known = name == "out" || name == "err" || name == "begun.0" || name == "exit";
        if (!is_known || !ports::is_reusable(entry.path())) return false;
    }
    if (failed) return false;
    for (const char* const output : {"/out", "/err"})
        if (size_of(folder + output) > 0) fs::resize_file(folder + output, 0, failed);
    if (!failed) fs::rename(folder + "/exit", folder + "/" + std::string(status_room), failed);
    if (!failed) fs::rename(folder + "/begun.0", folder + "/" + std::string(spare_claim), failed);
    return !failed;
}

// A folder into which somebody prints stays, and is removed when it is old.
void remove_job_folder(const std::string& path) {
    if (!is_late(path)) remove_folder(path);
}

void remove_old_folders(const std::string& path, int days) {
    std::error_code code;
    const auto limit = fs::file_time_type::clock::now() - std::chrono::hours(24) * days;
    for (const auto& entry : fs::directory_iterator(path, code)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with('.') && !name.starts_with(aside)) continue;  // what is known of the folder itself
        const auto touched = entry.last_write_time(code);
        if (code || touched >= limit) continue;
        // A clock that was set forward makes everything old: what still runs stays.
        if (!may_run(entry.path())) remove_job_folder(entry.path());
    }
}

// The words of the runner: the number of its process, and what tells it from another of that number.
Claim parse_claim(std::string_view text) {
    Claim claim;
    claim.mark = text.substr(0, text.find('\n'));
    if (claim.is_void()) return claim;
    std::istringstream words(claim.mark);
    ports::ProcessName& runner = claim.runner;
    words >> runner.number >> runner.start >> runner.boot >> runner.pids >> runner.machine;
    return claim;
}

// Numbers go on behind a void claim, and a start that finds one begins nothing.
Generation read_generation(const std::string& folder) {
    for (std::uint32_t number = 0;; ++number) {
        const std::string file = folder + "/begun." + std::to_string(number);
        const auto text = read_file(file, 1000);
        if (!text) return {.number = number, .claim = std::nullopt, .unread = why_unread(file)};
        Claim claim = parse_claim(*text);
        if (!claim.is_void()) return {.number = number, .claim = std::move(claim)};
    }
}

// What cannot be read may be running: a folder is removed only where it surely is not.
bool may_run(const std::string& folder) {
    const Generation begun = read_generation(folder);
    return !begun.unread.empty() || (begun.claim && ports::is_alive(begun.claim->runner) != ports::Alive::no);
}

std::string borders_of_claims() {
    const ports::Borders& here = ports::borders_here();
    return here.boot + " " + here.pids + " " + here.machine;
}

// Complete when it appears, and only if nobody has claimed before.
bool claim_void(const std::string& folder, std::uint32_t generation) {
    const std::string mine = folder + "/claim.void." + std::to_string(ports::process_id());
    std::error_code failed = ports::write_file(mine, "void\n");
    if (!failed) fs::create_hard_link(mine, folder + "/begun." + std::to_string(generation), failed);
    const bool is_ours = !failed;
    fs::remove(mine, failed);
    return is_ours;
}

}  // namespace pvsplan::transport
