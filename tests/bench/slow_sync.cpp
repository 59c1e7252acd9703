// Preloaded into a process, lets each fsync and fdatasync take at least as long as a disk's: PVSPLAN_SYNC_US=N.
// A server's processes, which it forks, have it as well.
#include <sys/prctl.h>

#include <cerrno>
#include <ctime>

#include "tests/integration/preload.hpp"

namespace {

const long sync_us = preload::number_in("PVSPLAN_SYNC_US");

timespec later(timespec from, long us) {
    from.tv_nsec += us % 1'000'000 * 1000;
    from.tv_sec += us / 1'000'000 + from.tv_nsec / 1'000'000'000;
    from.tv_nsec %= 1'000'000'000;
    return from;
}

template <preload::Name name>
int synced(int fd) {
    if (sync_us == 0) return preload::real<int (*)(int), name>()(fd);
    timespec began{};
    clock_gettime(CLOCK_MONOTONIC, &began);
    const int result = preload::real<int (*)(int), name>()(fd);
    const int error = errno;
    prctl(PR_SET_TIMERSLACK, 1);  // else it sleeps up to 50 us longer
    const timespec end = later(began, sync_us);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, nullptr) == EINTR) {
    }
    errno = error;
    return result;
}

}  // namespace

extern "C" {
int fsync(int fd) { return synced<"fsync">(fd); }
int fdatasync(int fd) { return synced<"fdatasync">(fd); }
}
