#include "runtime/ports/places.hpp"

#include <pwd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "runtime/ports/private_files.hpp"

namespace pvsplan::ports {

namespace {

constexpr const char* of_the_machine = "/var/lib/pvsplan";

// Whatever the umask: every account looks for claims below it.
void make_open_folder(const std::string& folder) {
    constexpr mode_t readable = S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH;
    if (mkdir(folder.c_str(), readable) == 0) (void)chmod(folder.c_str(), readable);
}

// HOME says nothing of the account that sudo made of somebody: the user database does.
std::string home_of_account() {
    std::array<char, 16384> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
    return found->pw_dir != nullptr && *found->pw_dir == '/' ? found->pw_dir : "";
}

bool is_folder(const std::string& path) {
    struct stat info {};
    return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// What the variable names, else the folder in HOME.
base::Result<std::string> folder_of_account(const char* variable, const char* in_home, std::string_view what_for) {
    const char* const named = std::getenv(variable);
    if (named != nullptr && *named == '/') return std::string(named);
    const char* const home = std::getenv("HOME");
    if (home != nullptr && *home == '/') return std::string(home) + "/" + in_home;
    return base::Error{"there is no folder for " + std::string(what_for) + ": neither `" + variable +
                       "` nor `HOME` names one"};
}

}  // namespace

std::string account_id() { return std::to_string(geteuid()); }

// The folder of the machine goes before that of an account: all accounts then look for jobs in one place.
base::Result<std::string> usual_jobs_folder() {
    const std::string shared = std::string(of_the_machine) + "/jobs";
    if (geteuid() == 0) {
        make_open_folder(of_the_machine);
        if (is_folder(shared) || mkdir(shared.c_str(), S_IRWXU) == 0) return shared;
    } else if (is_shared_folder(shared) && access(shared.c_str(), W_OK) == 0) {
        return shared;
    }
    const std::string home = home_of_account();
    if (home.empty() || access(home.c_str(), F_OK) != 0)
        return base::Error{"the account with uid " + account_id() + " has no home folder for its jobs; " +
                           "`sudo install -d -m 1777 " + shared + "` makes a place for all accounts"};
    return home + "/.pvsplan/jobs";
}

// Two, since not every account can write in each; whoever claims looks at both.
std::vector<std::string> usual_claim_places() {
    const std::string claims = std::string(of_the_machine) + "/claims";
    if (geteuid() == 0) make_open_folder(claims);
    return {claims + "/", "/run/lock/pvsplan-"};
}

// A folder below /tmp may have been made by anybody before us, so it is taken only if it is ours alone.
std::optional<std::string> socket_folder() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    const std::string folder =
        runtime != nullptr && *runtime == '/' ? std::string(runtime) + "/pvsplan" : "/tmp/pvsplan-" + account_id();
    if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) return std::nullopt;
    struct stat info {};
    if (lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != geteuid() ||
        (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return std::nullopt;
    return folder;
}

base::Result<std::string> cache_folder() { return folder_of_account("XDG_CACHE_HOME", ".cache", "copies"); }

base::Result<std::string> state_folder() {
    return folder_of_account("XDG_STATE_HOME", ".local/state", "what was found out");
}

base::Result<std::string> own_program() {
    std::error_code failed;
    const std::filesystem::path file = std::filesystem::read_symlink("/proc/self/exe", failed);
    if (failed) return base::Error{"nobody can tell which program this is", {failed.message()}};
    // As the system says of a file that another one has replaced since, as an upgrade does.
    constexpr std::string_view replaced = " (deleted)";
    std::string path = file.string();
    if (path.ends_with(replaced)) path.resize(path.size() - replaced.size());
    return path;
}

// Where nothing can be written in one, as on a disk that the system has made read-only, it may be in the next.
std::optional<std::string> make_scratch_folder() {
    std::error_code failed;
    const std::string first = std::filesystem::temp_directory_path(failed).string();
    for (const std::string& place : {failed ? "/tmp" : first, std::string("/tmp"), std::string("/dev/shm")}) {
        std::string folder = place + "/pvsplan-XXXXXX";
        if (mkdtemp(folder.data()) != nullptr) return folder;
    }
    return std::nullopt;
}

// Asks the system itself, so that it needs no file of /proc or /dev.
std::string random_word() {
    std::array<unsigned char, 16> bytes{};
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return "";
    constexpr std::string_view digits = "0123456789abcdef";
    std::string word;
    for (const unsigned char byte : bytes) {
        word += digits[byte >> 4U];
        word += digits[byte & 15U];
    }
    return word;
}

}  // namespace pvsplan::ports
