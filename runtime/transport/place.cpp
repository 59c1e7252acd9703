#include "runtime/transport/place.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/transport/folder_files.hpp"

namespace pvsplan::transport {

namespace {

constexpr const char* of_the_machine = "/var/lib/pvsplan";

std::string first_word(const char* path) {
    std::string word;
    std::ifstream(path) >> word;
    return word;
}

std::string link_text(const char* path) {
    std::array<char, 256> text{};
    const auto size = readlink(path, text.data(), text.size() - 1);
    return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "-";
}

Borders find_borders() {
    Borders here{.machine = first_word("/etc/machine-id"),
                 .boot = first_word("/proc/sys/kernel/random/boot_id"),
                 .pids = link_text("/proc/self/ns/pid"),
                 .mounts = link_text("/proc/self/ns/mnt")};
    if (here.machine.empty()) {
        std::array<char, 256> name{};
        here.machine = std::string("host:") + (gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "");
    }
    if (here.boot.empty()) here.boot = "-";
    return here;
}

// Root, this account, or who called sudo.
bool is_trusted(uid_t owner) {
    if (owner == 0 || owner == geteuid()) return true;
    const char* caller = geteuid() == 0 ? std::getenv("SUDO_UID") : nullptr;
    return caller != nullptr && std::to_string(owner) == caller;
}

// Where everybody may make files that only they can take away again.
bool is_shared(const struct stat& about) { return about.st_uid == 0 && (about.st_mode & S_ISVTX) != 0; }

std::string home_of_account() {
    std::array<char, 16384> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
    return found->pw_dir != nullptr && *found->pw_dir == '/' ? found->pw_dir : "";
}

base::Result<std::string> default_folder() {
    const std::string shared = std::string(of_the_machine) + "/jobs";
    struct stat about {};
    const bool is_there = lstat(shared.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
    if (geteuid() == 0) {
        if (mkdir(of_the_machine, 0755) == 0) (void)chmod(of_the_machine, 0755);
        if (is_there || mkdir(shared.c_str(), 0700) == 0) return shared;
    } else if (is_there && is_shared(about) && access(shared.c_str(), W_OK) == 0) {
        return shared;
    }
    const std::string home = home_of_account();
    if (home.empty() || access(home.c_str(), F_OK) != 0)
        return base::Error{"the account with uid " + std::to_string(geteuid()) +
                           " has no home folder for its jobs; `sudo install -d -m 1777 " + shared +
                           "` makes a place for all accounts"};
    return home + "/.pvsplan/jobs";
}

// The word of the folder, written if nobody has done so.
base::Result<std::string> word_of(const std::string& folder) {
    const std::string file = folder + "/.place";
    if (const auto word = read_own_file(file, 100); word && !word->empty()) return word->substr(0, word->find('\n'));
    const std::string mine = file + "." + std::to_string(getpid());
    std::string word = first_word("/proc/sys/kernel/random/uuid");
    if (word.empty()) return base::Error{"there is no source of random words here"};
    if (auto written = write_file(mine, word + "\n"); !written) return std::move(written).error();
    if (struct stat about{}; stat(folder.c_str(), &about) == 0 && is_shared(about)) (void)chmod(mine.c_str(), 0644);
    const bool is_ours = link(mine.c_str(), file.c_str()) == 0;
    unlink(mine.c_str());
    if (is_ours) return word;
    const auto theirs = read_own_file(file, 100);
    if (!theirs || theirs->empty()) return base::Error{"`" + file + "` cannot be written"};
    return theirs->substr(0, theirs->find('\n'));
}

std::string part_of(std::string_view place, std::string_view name) {
    const auto at = place.find(" " + std::string(name) + "=");
    if (at == std::string_view::npos) return {};
    place.remove_prefix(at + name.size() + 2);
    return std::string(name == "folder" ? place : place.substr(0, place.find(' ')));
}

std::string in_words(std::string_view place) {
    return "`" + part_of(place, "folder") + "` of the account " + part_of(place, "uid") + " on the machine " +
           part_of(place, "machine");
}

}  // namespace

const Borders& borders_here() {
    static const Borders here = find_borders();
    return here;
}

std::string JobsFolder::place() const {
    return id + " uid=" + std::to_string(geteuid()) + " machine=" + borders_here().machine + " folder=" + path;
}

std::string distrust(const std::string& folder) {
    struct stat about {};
    if (lstat(folder.c_str(), &about) != 0) return "`" + folder + "` cannot be looked at: " + std::strerror(errno);
    if (!S_ISDIR(about.st_mode)) return "`" + folder + "` is no folder";
    if (!is_trusted(about.st_uid))
        return "`" + folder + "` belongs to the account " + std::to_string(about.st_uid) +
               ", and what others wrote is not trusted";
    if ((about.st_mode & 022U) != 0 && !is_shared(about))
        return "`" + folder + "` can be written by others (`chmod go-w " + folder + "` fixes it)";
    return "";
}

base::Result<JobsFolder> open_jobs_folder(const std::string& given) {
    JobsFolder folder{.path = given, .id = {}, .claims = {given + "/.claim-"}};
    if (given.empty()) {
        auto usual = default_folder();
        if (!usual) return std::move(usual).error();
        folder.path = std::move(*usual);
        const std::string claims = std::string(of_the_machine) + "/claims";
        if (geteuid() == 0 && mkdir(claims.c_str(), 0755) == 0) (void)chmod(claims.c_str(), 0755);
        folder.claims = {claims + "/", "/run/lock/pvsplan-"};
    }
    if (auto made = make_folders(folder.path); !made) return std::move(made).error();
    if (std::string why = distrust(folder.path); !why.empty()) return base::Error{std::move(why)};
    auto word = word_of(folder.path);
    if (!word) return std::move(word).error();
    folder.id = std::move(*word);
    return folder;
}

std::string difference(std::string_view place, std::string_view here) {
    if (place.empty() || place.substr(0, place.find(' ')) == here.substr(0, here.find(' '))) return "";
    return "its job was begun in " + in_words(place) + ", and is looked for in " + in_words(here) +
           (part_of(place, "folder") == part_of(here, "folder") && part_of(place, "machine") == part_of(here, "machine")
                ? ", which was made anew since"
                : "");
}

namespace {

constexpr std::string_view ledgers = ".begun.";

// Of a key "RUN-STEP-ATTEMPT".
std::string run_of(const std::string& key) {
    const auto attempt = key.rfind('-');
    return key.substr(0, attempt == std::string::npos || attempt == 0 ? attempt : key.rfind('-', attempt - 1));
}

}  // namespace

base::Status note_begun(const std::string& folder, const std::string& key) {
    const std::string file = folder + "/" + std::string(ledgers) + std::to_string(geteuid()) + "." + run_of(key);
    const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0) return base::Error{"`" + file + "` cannot be written", {std::strerror(errno)}};
    // Whoever else looks for the job of this account has to see that it began.
    if (struct stat about{}; stat(folder.c_str(), &about) == 0 && is_shared(about)) (void)fchmod(fd, 0644);
    const std::string line = key + "\n";
    const bool is_whole = write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    const int number = errno;
    close(fd);
    if (!is_whole) return base::Error{"`" + file + "` cannot be written", {std::strerror(number)}};
    return base::Done{};
}

void forget_begun(const std::string& folder, const std::string& run) {
    std::error_code code;
    std::vector<std::filesystem::path> of_run;
    for (const auto& entry : std::filesystem::directory_iterator(folder, code)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(ledgers) && name.ends_with("." + run)) of_run.push_back(entry.path());
    }
    for (const std::filesystem::path& file : of_run) unlink(file.c_str());  // another account's stays
}

bool was_begun(const std::string& folder, const std::string& key) {
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(folder, code)) {
        if (!entry.path().filename().string().starts_with(ledgers)) continue;
        if (entry.symlink_status(code).type() != std::filesystem::file_type::regular)
            continue;  // others may write here
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);)
            if (line == key) return true;
    }
    return false;
}

}  // namespace pvsplan::transport
