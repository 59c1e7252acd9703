#include "runtime/ports/readiness.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "compiler/base/check.hpp"

namespace pvsplan::ports {

namespace {

int file_of(const Handle& handle) { return static_cast<int>(handle.number()); }

}  // namespace

struct Readiness::Inside {
    Handle epoll{epoll_create1(EPOLL_CLOEXEC)};
    Handle bell{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

    // However often it was rung, one look follows.
    void silence_bell() const {
        std::uint64_t rung = 0;
        while (read(file_of(bell), &rung, sizeof rung) < 0 && errno == EINTR) {
        }
    }
};

Readiness::Readiness() : inside_(std::make_unique<Inside>()) {
    if (!inside_->epoll || !inside_->bell)
        throw std::system_error(errno, std::generic_category(), "no room for one more open file");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = 0;
    base::check(epoll_ctl(file_of(inside_->epoll), EPOLL_CTL_ADD, file_of(inside_->bell), &event) == 0, "no bell");
}

Readiness::~Readiness() = default;

// False for what the system cannot watch, such as a plain file.
bool Readiness::watch(const Handle& handle, Interest interest, std::uint64_t number) {
    base::check(number != 0, "0 is the number of the bell");
    epoll_event event{};
    event.events = interest == Interest::readable ? EPOLLIN : EPOLLOUT;
    event.data.u64 = number;
    return epoll_ctl(file_of(inside_->epoll), EPOLL_CTL_ADD, file_of(handle), &event) == 0;
}

void Readiness::unwatch(const Handle& handle) {
    epoll_ctl(file_of(inside_->epoll), EPOLL_CTL_DEL, file_of(handle), nullptr);
}

// An interrupted wait returns nothing, as one does whose time is over: the caller looks at its timers and waits again.
std::vector<std::uint64_t> Readiness::wait(std::optional<Millis> max_wait) {
    const int wait_ms = max_wait ? static_cast<int>(std::clamp<Millis>(*max_wait, 0, 60'000)) : -1;
    std::array<epoll_event, 64> events{};
    const int count = epoll_wait(file_of(inside_->epoll), events.data(), static_cast<int>(events.size()), wait_ms);
    std::vector<std::uint64_t> ready;
    for (int i = 0; i < count; ++i) {
        const std::uint64_t number = events[static_cast<std::size_t>(i)].data.u64;
        if (number != 0) {
            ready.push_back(number);
            continue;
        }
        inside_->silence_bell();
    }
    return ready;
}

// poll() instead of epoll: a library may close and open its descriptor at any time, and nobody would tell us.
void Readiness::wait_for(int descriptor, Millis at_most) {
    std::array<pollfd, 2> both{pollfd{.fd = descriptor, .events = POLLIN, .revents = 0},
                               pollfd{.fd = file_of(inside_->bell), .events = POLLIN, .revents = 0}};
    if (poll(both.data(), both.size(), static_cast<int>(std::clamp<Millis>(at_most, 0, 60'000))) > 0 &&
        both[1].revents != 0)
        inside_->silence_bell();
}

// From any thread.
void Readiness::ring() {
    const std::uint64_t one = 1;
    while (write(file_of(inside_->bell), &one, sizeof one) < 0 && errno == EINTR) {
    }
}

// Interrupted, it waits for what is left of the time.
bool wait_until_ready(int descriptor, Direction what, Millis at_most) {
    using Steady = std::chrono::steady_clock;
    const auto until = Steady::now() + std::chrono::milliseconds(at_most);
    pollfd one{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (what == Direction::either) one.events = POLLIN | POLLOUT;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Steady::now()).count();
        const int count = poll(&one, 1, static_cast<int>(std::clamp<Millis>(left, 0, 60'000)));
        if (count > 0) return true;
        if (count == 0 && Steady::now() >= until) return false;
        if (count < 0 && errno != EINTR) return false;
    }
}

}  // namespace pvsplan::ports
