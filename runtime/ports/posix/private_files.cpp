#include "runtime/ports/private_files.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

#include "runtime/ports/handle.hpp"

namespace pvsplan::ports {

namespace {

namespace fs = std::filesystem;

std::string name_of_user(uid_t user) {
    const passwd* entry = getpwuid(user);
    return entry != nullptr ? std::string(entry->pw_name) : "the user " + std::to_string(user);
}

// The account that called sudo, if we run under it. Without root the variable proves nothing: anybody can set it.
std::optional<uid_t> caller_of_sudo() {
    const char* text = std::getenv("SUDO_UID");
    if (geteuid() != 0 || text == nullptr || *text == '\0') return std::nullopt;
    char* end = nullptr;
    const unsigned long user = std::strtoul(text, &end, 10);
    if (*end != '\0') return std::nullopt;
    return static_cast<uid_t>(user);
}

bool is_one_of_us(uid_t user) { return user == geteuid() || user == 0 || user == caller_of_sudo(); }

// Where everybody may make files that only they can take away again.
bool is_shared(const struct stat& info) {
    return S_ISDIR(info.st_mode) && info.st_uid == 0 && (info.st_mode & S_ISVTX) != 0;
}

std::string octal(mode_t mode) {
    std::string text = "0";
    for (const unsigned shift : {6U, 3U, 0U}) text += static_cast<char>('0' + ((mode >> shift) & 7U));
    return text;
}

// A folder in which nobody can take another's files away (/tmp) may be open to all: it holds what belongs to us.
enum class Sticky : std::uint8_t { counts_as_open, is_fine };

// Whoever can write a folder on the way can put another file in its place.
base::Status check_one(const fs::path& path, Sticky sticky) {
    struct stat info {};
    if (lstat(path.c_str(), &info) != 0) return base::Done{};  // not there: nothing that could be believed
    if (!is_one_of_us(info.st_uid))
        return base::Error{"`" + path.string() + "` belongs to " + name_of_user(info.st_uid)};
    if (S_ISLNK(info.st_mode)) return base::Done{};  // what it leads to is looked at by itself
    const bool is_open = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    if (is_open && !((info.st_mode & S_ISVTX) != 0 && sticky == Sticky::is_fine))
        return base::Error{"others than " + name_of_user(info.st_uid) + " can write `" + path.string() +
                           "` (its mode is " + octal(info.st_mode) + ")"};
    return base::Done{};
}

// All folders above, to the root: whoever can write one of them can put another in the place of what lies below.
base::Status check_above(const fs::path& path) {
    for (fs::path folder = path.parent_path(); !folder.empty(); folder = folder.parent_path()) {
        if (base::Status status = check_one(folder, Sticky::is_fine); !status) return status;
        if (folder == folder.parent_path()) break;
    }
    return base::Done{};
}

}  // namespace

// Another process may make the same folders at the same time: one that is there by now is fine.
base::Status make_private_folders(const std::string& folder) {
    std::vector<fs::path> missing;
    std::error_code failed;
    for (fs::path path = fs::absolute(folder, failed); !failed && !fs::exists(path, failed) && path.has_relative_path();
         path = path.parent_path())
        missing.push_back(path.has_filename() ? path : path.parent_path());
    for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
        if (mkdir(path->c_str(), S_IRWXU) == 0) {
            if (chmod(path->c_str(), S_IRWXU) != 0) return base::Error{std::strerror(errno)};  // whatever the umask
        } else if (errno != EEXIST) {
            return base::Error{std::strerror(errno)};
        }
    }
    return base::Done{};
}

// False: there is one already, which stays as it is.
base::Result<bool> make_private_file(const std::string& file) {
    constexpr mode_t mode = S_IRUSR | S_IWUSR;
    const int made = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (made < 0 && errno == EEXIST) return false;
    if (made < 0) return base::Error{std::strerror(errno)};
    const bool is_private = fchmod(made, mode) == 0;
    const int why = errno;
    close(made);
    if (!is_private) return base::Error{std::strerror(why)};
    return true;
}

bool is_shared_folder(const std::string& folder) {
    struct stat info {};
    return lstat(folder.c_str(), &info) == 0 && is_shared(info);
}

// Empty: it is to be trusted.
std::string distrust(const std::string& folder) {
    struct stat info {};
    if (lstat(folder.c_str(), &info) != 0) return "`" + folder + "` cannot be looked at: " + std::strerror(errno);
    if (!S_ISDIR(info.st_mode)) return "`" + folder + "` is no folder";
    if (!is_one_of_us(info.st_uid))
        return "`" + folder + "` belongs to the account " + std::to_string(info.st_uid) +
               ", and what others wrote is not trusted";
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !is_shared(info))
        return "`" + folder + "` can be written by others (`chmod go-w " + folder + "` fixes it)";
    return "";
}

// Opened first and looked at through the handle: what stands under the name may be exchanged in between.
base::Result<std::string> read_private_file(const std::string& file, std::size_t max) {
    const auto refused = [&file](int why) {
        return base::Error{"cannot read the file `" + file + "`", {std::strerror(why)}};
    };
    const Handle opened(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat info {};
    if (!opened || fstat(static_cast<int>(opened.number()), &info) != 0) return refused(errno);
    if (!S_ISREG(info.st_mode))
        return base::Error{"`" + file + "` is no plain file" +
                           (S_ISDIR(info.st_mode) ? " but a folder"
                                                  : "; `{command: [PROGRAM, ARGUMENT]}` takes what a program prints")};
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return base::Error{"others than its owner may read the file `" + file + "`; `chmod 600` it"};
    std::string text;
    std::array<char, 4096> buffer{};
    while (text.size() <= max) {
        const ssize_t got = read(static_cast<int>(opened.number()), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refused(errno);
        if (got == 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
}

// What is not there yet cannot mislead anybody: it is checked when somebody has made it.
base::Status check_is_trusted(const std::string& file) {
    std::error_code failed;
    const fs::path path = fs::absolute(file, failed);
    if (failed) return base::Error{failed.message()};
    const fs::path folder = path.parent_path();
    for (const fs::path& one : {folder, path, fs::path(path.string() + "-wal"), fs::path(path.string() + "-shm"),
                                fs::path(path.string() + "-journal")}) {
        if (base::Status status = check_one(one, Sticky::counts_as_open); !status) return status;
        if (!fs::is_symlink(one, failed)) continue;
        const fs::path target = fs::canonical(one, failed);
        if (failed) return base::Error{"`" + one.string() + "` is a link that leads nowhere", {failed.message()}};
        if (base::Status status = check_one(target, Sticky::counts_as_open); !status) return status;
        if (base::Status status = check_above(target); !status) return status;
    }
    // An account that can write the folder above could replace this one between our check and our use.
    struct stat above {};
    if (stat(folder.parent_path().c_str(), &above) == 0 && (above.st_mode & S_IWOTH) != 0 &&
        (above.st_mode & S_ISVTX) == 0)
        return base::Error{"anybody can write `" + folder.parent_path().string() + "`, in which it lies (its mode is " +
                           octal(above.st_mode) + ")"};
    return base::Done{};
}

base::Status check_has_one_name(const std::string& file) {
    struct stat about {};
    if (stat(file.c_str(), &about) == 0 && about.st_nlink > 1)
        return base::Error{"it has " + std::to_string(about.st_nlink) +
                           " names (hard links); remove the others, or make them copies"};
    struct statx mounted {};
    if (statx(AT_FDCWD, file.c_str(), 0, STATX_BASIC_STATS, &mounted) == 0 &&
        (mounted.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
        return base::Error{"it is mounted as a single file; mount the folder in which it lies"};
    return base::Done{};
}

}  // namespace pvsplan::ports
