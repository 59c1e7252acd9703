#include "runtime/transport/folder_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/transport/place.hpp"

namespace pvsplan::transport {

namespace fs = std::filesystem;

namespace {

base::Error failed(const std::string& what) { return base::Error{what, {std::strerror(errno)}}; }

}  // namespace

namespace {

std::optional<std::string> read_all(int fd, std::uint64_t most) {
    if (fd < 0) return std::nullopt;
    std::string result;
    std::array<char, 65536> buffer{};
    while (result.size() < most) {
        const auto got = read(fd, buffer.data(), std::min<std::uint64_t>(buffer.size(), most - result.size()));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        result.append(buffer.data(), static_cast<std::size_t>(got));
    }
    close(fd);
    return result;
}

}  // namespace

std::optional<std::string> read_file(const std::string& path, std::uint64_t most) {
    return read_all(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK), most);
}

std::optional<std::string> read_own_file(const std::string& path, std::uint64_t most) {
    return read_all(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), most);
}

std::string read_end(const std::string& path, std::uint64_t most) {
    const auto size = size_of(path);
    std::ifstream file(path, std::ios::binary);
    if (size > most) file.seekg(static_cast<std::streamoff>(size - most));
    std::string result(most, '\0');
    file.read(result.data(), static_cast<std::streamsize>(most));
    result.resize(static_cast<std::size_t>(file.gcount()));
    return result;
}

std::uint64_t size_of(const std::string& path) {
    struct stat about {};
    return stat(path.c_str(), &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

base::Status write_file(const std::string& path, std::string_view bytes) {
    const std::string part = path + ".part";
    const int fd = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return failed("`" + part + "` cannot be written");
    while (!bytes.empty()) {
        const auto put = write(fd, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) {
            auto error = failed("`" + part + "` cannot be written");
            close(fd);
            return error;
        }
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    if (close(fd) != 0 || rename(part.c_str(), path.c_str()) != 0) return failed("`" + path + "` cannot be written");
    return base::Done{};
}

namespace {

// For this account alone, whatever the umask: one that takes away our own rights would lock us out as well.
bool make_one(const std::string& path) {
    return mkdir(path.c_str(), 0700) == 0 ? chmod(path.c_str(), 0700) == 0 : errno == EEXIST;
}

}  // namespace

base::Status make_folders(const std::string& path) {
    if (make_one(path)) return base::Done{};
    const std::string parent = fs::path(path).parent_path();
    if (errno == ENOENT && parent != path && !parent.empty()) {
        if (auto made = make_folders(parent); !made) return made;
        if (make_one(path)) return base::Done{};
    }
    return failed("the folder `" + path + "` cannot be made");
}

void remove_folder(const std::string& path) {
    std::error_code code;
    fs::remove_all(path, code);
}

namespace {

// Whether any process, ours or not, has the file open for writing: no lease on reading is given then. Where the file
// system knows no leases, it is not.
bool is_written(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return false;
    const bool is_refused = fcntl(fd, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
    close(fd);  // and with it the lease
    return is_refused;
}

}  // namespace

void remove_job_folder(const std::string& path) {
    for (const char* output : {"/out", "/err"})
        if (is_written(path + output) && write_file(path + "/late", "")) return;
    remove_folder(path);
}

void remove_old_folders(const std::string& path, int days) {
    std::error_code code;
    const auto limit = fs::file_time_type::clock::now() - std::chrono::hours(24) * days;
    for (const auto& entry : fs::directory_iterator(path, code)) {
        if (entry.path().filename().string().starts_with('.')) continue;  // what is known of the folder itself
        const auto touched = entry.last_write_time(code);
        if (code || touched >= limit) continue;
        // A clock that was set forward makes everything old: what still runs stays.
        const auto claim = read_generation(entry.path()).claim;
        if (!claim || is_alive(*claim) == Alive::no) remove_job_folder(entry.path());
    }
}

Claim parse_claim(std::string_view text) {
    Claim claim;
    claim.mark = text.substr(0, text.find('\n'));
    if (claim.is_void()) return claim;
    std::istringstream words(claim.mark);
    words >> claim.pid >> claim.start >> claim.boot >> claim.pids >> claim.machine;
    return claim;
}

Generation read_generation(const std::string& folder) {
    for (std::uint32_t number = 0;; ++number) {
        const auto text = read_file(folder + "/begun." + std::to_string(number), 1000);
        if (!text) return {.number = number, .claim = std::nullopt};
        Claim claim = parse_claim(*text);
        if (!claim.is_void()) return {.number = number, .claim = std::move(claim)};
    }
}

namespace {

// Complete when it appears, and only if nobody has claimed before.
bool claim_with(const std::string& folder, std::uint32_t generation, const std::string& mine, std::string_view mark) {
    const int fd = open(mine.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    const bool is_whole = write(fd, mark.data(), mark.size()) == static_cast<ssize_t>(mark.size());
    return close(fd) == 0 && is_whole &&
           link(mine.c_str(), (folder + "/begun." + std::to_string(generation)).c_str()) == 0;
}

std::string first_line(const std::string& path) {
    const std::string text = read_file(path, 4096).value_or("");
    return text.substr(0, text.find('\n'));
}

// The fields of /proc/PID/stat behind the name of the program: the state, and as the 20th the time of its start.
std::string field_of(std::string_view stat, int number) {
    const auto name_end = stat.rfind(')');
    if (name_end == std::string_view::npos) return "";
    std::istringstream fields{std::string(stat.substr(name_end + 1))};
    std::string field;
    for (int i = 0; i < number && fields >> field; ++i) {
    }
    return field;
}
constexpr int state_field = 1;
constexpr int group_field = 3;
constexpr int session_field = 4;
constexpr int start_field = 20;

// Both known, and not the same.
bool differ(const std::string& one, const std::string& other) {
    return !one.empty() && one != "-" && !other.empty() && other != "-" && one != other;
}

}  // namespace

bool claim_for(const std::string& folder, std::uint32_t generation, std::int64_t pid) {
    const std::string number = std::to_string(pid);
    const std::string start = field_of(first_line("/proc/" + number + "/stat"), start_field);
    const Borders& here = borders_here();
    const std::string mark =
        number + " " + (start.empty() ? "-" : start) + " " + here.boot + " " + here.pids + " " + here.machine + "\n";
    return claim_with(folder, generation, folder + "/claim." + number, mark);
}

bool claim_void(const std::string& folder, std::uint32_t generation) {
    const std::string mine = folder + "/claim.void." + std::to_string(getpid());
    const bool is_ours = claim_with(folder, generation, mine, "void\n");
    unlink(mine.c_str());
    return is_ours;
}

Alive is_alive(const Claim& claim) {
    if (claim.pid <= 1) return Alive::no;
    const Borders& here = borders_here();
    if (differ(claim.machine, here.machine)) return Alive::unknown;
    if (differ(claim.boot, here.boot)) return Alive::no;
    if (differ(claim.pids, here.pids)) return Alive::unknown;
    const std::string stat = first_line("/proc/" + std::to_string(claim.pid) + "/stat");
    if (!stat.empty()) {
        if (field_of(stat, start_field) != claim.start) return Alive::no;  // its number has gone to another
        const std::string state = field_of(stat, state_field);
        if (state != "Z" && state != "X") return Alive::runner;
    }
    return kill(-static_cast<pid_t>(claim.pid), 0) == 0 ? Alive::remainder : Alive::no;
}

std::vector<std::int64_t> members_of(const Claim& claim, const std::string& folder) {
    std::vector<std::int64_t> members;
    const std::string number = std::to_string(claim.pid);
    const std::string name = "PVSPLAN_JOB=" + folder;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator("/proc", code)) {
        const std::string process = entry.path().filename();
        if (process.find_first_not_of("0123456789") != std::string::npos) continue;
        const std::string stat = first_line("/proc/" + process + "/stat");
        const std::string state = field_of(stat, state_field);
        if (stat.empty() || state == "Z" || state == "X") continue;
        bool is_one = field_of(stat, group_field) == number || field_of(stat, session_field) == number;
        if (!is_one) {
            const std::string environment = read_file("/proc/" + process + "/environ", 1U << 21U).value_or("");
            const auto at = environment.find(name + '\0');
            is_one = at != std::string::npos && (at == 0 || environment[at - 1] == '\0');
        }
        if (is_one && std::stoll(process) != getpid()) members.push_back(std::stoll(process));
    }
    return members;
}

}  // namespace pvsplan::transport
