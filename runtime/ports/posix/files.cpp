#include "runtime/ports/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

namespace pvsplan::ports {

namespace {

std::error_code last_error() { return {errno, std::generic_category()}; }

// The system may take a part only.
std::error_code write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return last_error();
        if (written == 0) return std::make_error_code(std::errc::io_error);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

// The first error counts; one that close() finds (a network, a quota) counts as well.
std::error_code close_after(int file, std::error_code failed) {
    const bool is_closed = close(file) == 0;
    return failed || is_closed ? failed : last_error();
}

}  // namespace

// Never waits: a pipe that nobody writes to reads as empty.
std::optional<std::string> read_file(const std::string& path, std::uint64_t max, Links links, std::error_code& failed) {
    failed.clear();
    const int no_link = links == Links::refused ? O_NOFOLLOW : 0;
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | no_link);
    if (file < 0) {
        failed = last_error();
        return std::nullopt;
    }
    std::string result;
    std::array<char, 65536> buffer{};
    while (result.size() < max) {
        const auto got = read(file, buffer.data(), std::min<std::uint64_t>(buffer.size(), max - result.size()));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno != EAGAIN) failed = last_error();  // a part of a file is none of it
        if (got <= 0) break;
        result.append(buffer.data(), static_cast<std::size_t>(got));
    }
    close(file);
    return failed ? std::nullopt : std::optional(std::move(result));
}

// One byte more than `max` is asked for, so that a file that is too large is not taken for a whole one.
base::Result<std::string> read_named_file(const std::string& path, std::uint64_t max) {
    const auto refused = [&path](const std::string& why) { return base::Error{"cannot read `" + path + "`", {why}}; };
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) return refused(last_error().message());
    if (S_ISDIR(info.st_mode)) return refused("it is a folder");
    if (!S_ISREG(info.st_mode)) return refused("it is no plain file");
    std::error_code failed;
    std::optional<std::string> text = read_file(path, max + 1, Links::followed, failed);
    if (!text) return refused(failed.message());
    if (text->size() > max) return refused("it has more than " + std::to_string(max) + " bytes");
    return std::move(*text);
}

// In place, for files that nobody reads meanwhile.
std::error_code write_file(const std::string& path, std::string_view bytes) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) return last_error();
    return close_after(file, write_all(file, bytes));
}

// O_EXCL and O_NOFOLLOW: whatever stands under the name, a link too, is an error and not written to.
std::error_code write_new_file(const std::string& path, std::string_view bytes, Readers readers) {
    const mode_t mode = S_IRUSR | S_IWUSR | (readers == Readers::everybody ? S_IRGRP | S_IROTH : 0U);
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (file < 0) return last_error();
    std::error_code failed = write_all(file, bytes);
    if (!failed && (fchmod(file, mode) != 0 || fsync(file) != 0)) failed = last_error();
    failed = close_after(file, failed);
    if (failed) unlink(path.c_str());
    return failed;
}

// In one write, which the system does not mix with those of others.
std::error_code append_to_file(const std::string& path, std::string_view bytes, Readers readers) {
    constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    const int file = open(path.c_str(), flags, S_IRUSR | S_IWUSR);
    if (file < 0) return last_error();
    if (readers == Readers::everybody) (void)fchmod(file, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
    const ssize_t written = write(file, bytes.data(), bytes.size());
    std::error_code failed;
    if (written < 0) failed = last_error();
    // A second write could land behind another's bytes.
    if (written >= 0 && static_cast<std::size_t>(written) < bytes.size())
        failed = std::make_error_code(std::errc::no_space_on_device);
    close(file);
    return failed;
}

// The new file is on the disk before it gets the name, so a crash never leaves an empty one under it.
std::error_code replace_file(const std::string& path, std::string_view bytes) {
    namespace fs = std::filesystem;
    std::error_code unknown;
    const fs::path target = fs::is_symlink(path, unknown) ? fs::weakly_canonical(path, unknown) : fs::path(path);
    const bool is_special = fs::exists(target, unknown) && !fs::is_regular_file(target, unknown);
    struct stat old {};
    const bool is_there = stat(target.c_str(), &old) == 0;
    const mode_t mode = is_there ? old.st_mode & 07777U : S_IRUSR | S_IWUSR;
    // Another file of that name could be made all the same, but whoever took the right away meant something.
    if (is_there && faccessat(AT_FDCWD, target.c_str(), W_OK, AT_EACCESS) != 0) return last_error();
    if (is_special) {
        const int file = open(target.c_str(), O_WRONLY | O_CLOEXEC);
        return file < 0 ? last_error() : close_after(file, write_all(file, bytes));
    }
    // A name of our own, which nobody has laid a link to: what stands there is never written to.
    const std::string part = target.string() + ".part" + std::to_string(getpid());
    const int file = open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) return last_error();
    std::error_code failed = write_all(file, bytes);
    // Of another account's file only root can make another one.
    const bool is_given = !is_there || old.st_uid == geteuid() || fchown(file, old.st_uid, old.st_gid) == 0;
    if (!failed && (!is_given || fchmod(file, mode) != 0 || fsync(file) != 0)) failed = last_error();
    failed = close_after(file, failed);
    if (!failed && rename(part.c_str(), target.c_str()) != 0) failed = last_error();
    if (failed) unlink(part.c_str());
    return failed;
}

// What was made or renamed in it is on the disk only after that.
std::error_code sync_folder(const std::string& path) {
    const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return last_error();
    const std::error_code failed = fsync(folder) == 0 ? std::error_code() : last_error();
    return close_after(folder, failed);
}

// No lease on reading is given while a file is open for writing. Where the file system knows no leases, it is not.
bool is_open_for_writing(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) return false;
    const bool is_refused = fcntl(file, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
    close(file);  // and with it the lease
    return is_refused;
}

bool is_on_read_only_disk(const std::string& path) {
    struct statvfs disk {};
    return ::statvfs(path.c_str(), &disk) == 0 && (disk.f_flag & ST_RDONLY) != 0;
}

// Ours alone, under one name: nobody else can have put it there or read it.
bool is_reusable(const std::string& path) {
    struct stat info {};
    return lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink == 1 && info.st_uid == geteuid() &&
           (info.st_mode & 0777U) == (S_IRUSR | S_IWUSR);
}

bool rename_to_new(const std::string& from, const std::string& to) {
    return renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0;
}

std::error_code make_private_folder(const std::string& path) {
    // Whatever the umask: one that takes away our own rights would lock us out as well.
    if (mkdir(path.c_str(), S_IRWXU) == 0) return chmod(path.c_str(), S_IRWXU) == 0 ? std::error_code() : last_error();
    return errno == EEXIST ? std::error_code() : last_error();
}

}  // namespace pvsplan::ports
