// Preloaded into a process, lets every write into its store fail from the N-th on, as a full or a broken disk does:
// PVSPLAN_FAIL_AT=N, PVSPLAN_FAIL_WITH=ENOSPC or EIO. Other files and its children are left alone.
// PVSPLAN_FAIL_COUNT=FILE writes how many such writes there were, at the end.
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tests/integration/preload.hpp"

namespace {

int fault_in(const char* variable) {
    const char* text = std::getenv(variable);
    return text != nullptr && std::strcmp(text, "EIO") == 0 ? EIO : ENOSPC;
}

const long fail_at = preload::number_in("PVSPLAN_FAIL_AT");
const int fail_with = fault_in("PVSPLAN_FAIL_WITH");
const preload::Count count("PVSPLAN_FAIL_COUNT");
[[maybe_unused]] const int hidden = (preload::hide({"PVSPLAN_FAIL_AT", "PVSPLAN_FAIL_WITH", "PVSPLAN_FAIL_COUNT"}), 0);

bool is_of_store(int fd) {
    char link[64];
    char path[4096];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t size = readlink(link, path, sizeof path - 1);
    if (size <= 0) return false;
    path[size] = '\0';
    return std::strstr(path, "/state.db") != nullptr;
}

template <class Function, preload::Name name, class... Arguments>
auto unless_full(int fd, Arguments... arguments) {
    const auto real = preload::real<Function, name>();
    using Result = decltype(real(fd, arguments...));
    if (is_of_store(fd)) {
        const long now = ++preload::passed;
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
    return unless_full<ssize_t (*)(int, const void*, size_t), "write">(fd, bytes, size);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
    return unless_full<ssize_t (*)(int, const void*, size_t, off_t), "pwrite">(fd, bytes, size, at);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
    return unless_full<ssize_t (*)(int, const void*, size_t, off64_t), "pwrite64">(fd, bytes, size, at);
}
int fdatasync(int fd) { return unless_full<int (*)(int), "fdatasync">(fd); }
int fsync(int fd) { return unless_full<int (*)(int), "fsync">(fd); }
int ftruncate(int fd, off_t size) noexcept { return unless_full<int (*)(int, off_t), "ftruncate">(fd, size); }
int ftruncate64(int fd, off64_t size) noexcept { return unless_full<int (*)(int, off64_t), "ftruncate64">(fd, size); }
}
// NOLINTEND
