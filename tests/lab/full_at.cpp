// Preloaded into a process, lets every write into its store fail from the N-th on, as a full or a broken disk does:
// PVSPLAN_FAIL_AT=N, PVSPLAN_FAIL_WITH=ENOSPC or EIO. Other files and its children are left alone.
// PVSPLAN_FAIL_COUNT=FILE writes how many such writes there were, at the end.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> passed{0};
long fail_at = 0;
int fail_with = ENOSPC;
char count_file[4096];

struct Setup {
    Setup() {
        if (const char* text = std::getenv("PVSPLAN_FAIL_AT")) fail_at = std::atol(text);
        if (const char* text = std::getenv("PVSPLAN_FAIL_WITH"))
            fail_with = std::strcmp(text, "EIO") == 0 ? EIO : ENOSPC;
        if (const char* text = std::getenv("PVSPLAN_FAIL_COUNT"))
            std::snprintf(count_file, sizeof count_file, "%s", text);
        for (const char* name : {"LD_PRELOAD", "PVSPLAN_FAIL_AT", "PVSPLAN_FAIL_WITH", "PVSPLAN_FAIL_COUNT"})
            unsetenv(name);
    }
    ~Setup() {
        if (count_file[0] == '\0') return;
        if (FILE* file = std::fopen(count_file, "w")) {
            std::fprintf(file, "%ld\n", passed.load());
            std::fclose(file);
        }
    }
} setup;

bool is_of_store(int fd) {
    char link[64];
    char path[4096];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t size = readlink(link, path, sizeof path - 1);
    if (size <= 0) return false;
    path[size] = '\0';
    return std::strstr(path, "/state.db") != nullptr;
}

template <class Function, class... Arguments>
auto unless_full(const char* name, int fd, Arguments... arguments) {
    static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
    using Result = decltype(real(fd, arguments...));
    if (is_of_store(fd)) {
        const long now = ++passed;
        if (fail_at > 0 && now >= fail_at) {
            errno = fail_with;
            return Result(-1);
        }
    }
    return real(fd, arguments...);
}

}  // namespace

// NOLINTBEGIN: names and types are those of the library
extern "C" {
ssize_t write(int fd, const void* bytes, size_t size) {
    return unless_full<ssize_t (*)(int, const void*, size_t)>("write", fd, bytes, size);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
    return unless_full<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite", fd, bytes, size, at);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
    return unless_full<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64", fd, bytes, size, at);
}
int fdatasync(int fd) { return unless_full<int (*)(int)>("fdatasync", fd); }
int fsync(int fd) { return unless_full<int (*)(int)>("fsync", fd); }
int ftruncate(int fd, off_t size) noexcept { return unless_full<int (*)(int, off_t)>("ftruncate", fd, size); }
int ftruncate64(int fd, off64_t size) noexcept { return unless_full<int (*)(int, off64_t)>("ftruncate64", fd, size); }
}
// NOLINTEND
