// Preloaded into a process, kills it with SIGKILL right before or right after its N-th call that changes something
// outside of it: PVSPLAN_KILL_AT=N (odd: before, even: after). Its children are left alone.
// PVSPLAN_KILL_COUNT=FILE writes how many such points there were, at the end.
#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace {

std::atomic<long> passed{0};
long kill_at = 0;
char count_file[4096];

struct Setup {
    Setup() {
        if (const char* text = std::getenv("PVSPLAN_KILL_AT")) kill_at = std::atol(text);
        if (const char* text = std::getenv("PVSPLAN_KILL_COUNT"))
            std::snprintf(count_file, sizeof count_file, "%s", text);
        unsetenv("LD_PRELOAD");
        unsetenv("PVSPLAN_KILL_AT");
        unsetenv("PVSPLAN_KILL_COUNT");
    }
    ~Setup() {
        if (count_file[0] == '\0') return;
        if (FILE* file = std::fopen(count_file, "w")) {
            std::fprintf(file, "%ld\n", passed.load());
            std::fclose(file);
        }
    }
} setup;

void point() {
    if (++passed == kill_at) kill(getpid(), SIGKILL);
}

template <class Function, class... Arguments>
auto around(const char* name, Arguments... arguments) {
    static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
    point();
    const auto result = real(arguments...);
    point();
    return result;
}

}  // namespace

// NOLINTBEGIN: names and types are those of the library
extern "C" {
ssize_t write(int fd, const void* bytes, size_t size) {
    return around<ssize_t (*)(int, const void*, size_t)>("write", fd, bytes, size);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
    return around<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite", fd, bytes, size, at);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
    return around<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64", fd, bytes, size, at);
}
int mkdir(const char* path, mode_t mode) noexcept { return around<int (*)(const char*, mode_t)>("mkdir", path, mode); }
int rename(const char* from, const char* to) noexcept {
    return around<int (*)(const char*, const char*)>("rename", from, to);
}
int link(const char* from, const char* to) noexcept {
    return around<int (*)(const char*, const char*)>("link", from, to);
}
int unlink(const char* path) noexcept { return around<int (*)(const char*)>("unlink", path); }
int fsync(int fd) { return around<int (*)(int)>("fsync", fd); }
int fdatasync(int fd) { return around<int (*)(int)>("fdatasync", fd); }
int ftruncate(int fd, off_t size) noexcept { return around<int (*)(int, off_t)>("ftruncate", fd, size); }
int ftruncate64(int fd, off64_t size) noexcept { return around<int (*)(int, off64_t)>("ftruncate64", fd, size); }
int posix_spawnp(pid_t* pid, const char* file, const posix_spawn_file_actions_t* actions,
                 const posix_spawnattr_t* attributes, char* const argv[], char* const environment[]) {
    return around<int (*)(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*,
                          char* const[], char* const[])>("posix_spawnp", pid, file, actions, attributes, argv,
                                                         environment);
}
}
// NOLINTEND
