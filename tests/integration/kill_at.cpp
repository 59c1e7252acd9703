// Preloaded into a process, kills it with SIGKILL right before or right after its N-th call that changes something
// outside of it: PVSPLAN_KILL_AT=N (odd: before, even: after). Its children are left alone.
// PVSPLAN_KILL_WITH=19 stops it there instead, and somebody else may continue it.
// PVSPLAN_KILL_COUNT=FILE writes how many such points there were, at the end.
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <cstdarg>
#include <cstdio>

#include "tests/integration/preload.hpp"

namespace {

const long kill_at = preload::number_in("PVSPLAN_KILL_AT");
const long kill_with = preload::number_in("PVSPLAN_KILL_WITH");
const preload::Count count("PVSPLAN_KILL_COUNT");
[[maybe_unused]] const int hidden = (preload::hide({"PVSPLAN_KILL_AT", "PVSPLAN_KILL_WITH", "PVSPLAN_KILL_COUNT"}), 0);

void point() {
    if (++preload::passed == kill_at) kill(getpid(), kill_with == 0 ? SIGKILL : static_cast<int>(kill_with));
}

template <class Function, preload::Name name, class... Arguments>
auto around(Arguments... arguments) {
    const auto real = preload::real<Function, name>();
    point();
    const auto result = real(arguments...);
    point();
    return result;
}

}  // namespace

// NOLINTBEGIN: names and types are those of the library
extern "C" {
ssize_t write(int fd, const void* bytes, size_t size) {
    return around<ssize_t (*)(int, const void*, size_t), "write">(fd, bytes, size);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
    return around<ssize_t (*)(int, const void*, size_t, off_t), "pwrite">(fd, bytes, size, at);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
    return around<ssize_t (*)(int, const void*, size_t, off64_t), "pwrite64">(fd, bytes, size, at);
}
ssize_t send(int fd, const void* bytes, size_t size, int flags) {
    return around<ssize_t (*)(int, const void*, size_t, int), "send">(fd, bytes, size, flags);
}
int mkdir(const char* path, mode_t mode) noexcept { return around<int (*)(const char*, mode_t), "mkdir">(path, mode); }
int rename(const char* from, const char* to) noexcept {
    return around<int (*)(const char*, const char*), "rename">(from, to);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
    return around<int (*)(int, const char*, int, const char*, unsigned), "renameat2">(from_folder, from, to_folder, to,
                                                                                      flags);
}
int link(const char* from, const char* to) noexcept {
    return around<int (*)(const char*, const char*), "link">(from, to);
}
int unlink(const char* path) noexcept { return around<int (*)(const char*), "unlink">(path); }
int remove(const char* path) noexcept { return around<int (*)(const char*), "remove">(path); }
int fsync(int fd) { return around<int (*)(int), "fsync">(fd); }
int fdatasync(int fd) { return around<int (*)(int), "fdatasync">(fd); }
int ftruncate(int fd, off_t size) noexcept { return around<int (*)(int, off_t), "ftruncate">(fd, size); }
int ftruncate64(int fd, off64_t size) noexcept { return around<int (*)(int, off64_t), "ftruncate64">(fd, size); }
int posix_spawnp(pid_t* pid, const char* file, const posix_spawn_file_actions_t* actions,
                 const posix_spawnattr_t* attributes, char* const argv[], char* const environment[]) {
    return around<int (*)(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*,
                          char* const[], char* const[]),
                  "posix_spawnp">(pid, file, actions, attributes, argv, environment);
}
}
// NOLINTEND
