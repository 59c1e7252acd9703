#include "runtime/ports/process.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <csignal>

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>

#include "compiler/base/check.hpp"
#include "runtime/ports/this_process.hpp"

namespace pvsplan::ports {

namespace {

constexpr std::array<int, 3> caught_signals = {SIGINT, SIGTERM, SIGHUP};

std::atomic<int> caught_count{0};
std::atomic<int> caught_number{0};
std::atomic<int> wake_pipe{-1};

// Only what is allowed in a signal handler: lock-free atomics and write().
void catch_signal(int number) {
    int none = 0;
    caught_number.compare_exchange_strong(none, number);
    caught_count.fetch_add(1);
    const int saved = errno;
    if (const int end = wake_pipe.load(); end >= 0) {
        const char byte = 's';
        if (write(end, &byte, 1) < 0) errno = saved;
    }
    errno = saved;
}

// It ends with a `q`.
void wake_at_each_byte(Mailbox& mailbox, int from) {
    char byte = 0;
    while (true) {
        const auto got = read(from, &byte, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0 || byte == 'q') return;
        mailbox.wake();
    }
}

}  // namespace

// A handler may not lock, so it writes a byte into a pipe, and a thread that reads it wakes the mailbox.
struct CaughtSignals::Inside {
    std::array<int, 2> pipe_ends{-1, -1};
    std::array<struct sigaction, 3> before{};
    std::thread waker;
};

CaughtSignals::CaughtSignals(Mailbox& mailbox) : inside_(new Inside) {
    base::check(wake_pipe.load() < 0, "two catchers of signals at once");
    caught_count = 0;
    caught_number = 0;
    if (pipe2(inside_->pipe_ends.data(), O_CLOEXEC) != 0) {
        const int why = errno;
        delete inside_;
        throw std::system_error(why, std::generic_category(), "no pipe for signals");
    }
    wake_pipe = inside_->pipe_ends[1];
    {
        const SignalsHeld held;
        inside_->waker = std::thread([&mailbox, end = inside_->pipe_ends[0]] { wake_at_each_byte(mailbox, end); });
    }
    struct sigaction action {};
    action.sa_handler = catch_signal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < caught_signals.size(); ++i) {
        sigaction(caught_signals[i], &action, &inside_->before[i]);
        // A signal that the parent ignores (nohup) stays ignored.
        if (inside_->before[i].sa_handler == SIG_IGN) sigaction(caught_signals[i], &inside_->before[i], nullptr);
    }
}

// The handlers go first: from then on nobody writes into the pipe but this.
CaughtSignals::~CaughtSignals() {
    for (std::size_t i = 0; i < caught_signals.size(); ++i) sigaction(caught_signals[i], &inside_->before[i], nullptr);
    wake_pipe = -1;
    const char quit = 'q';
    while (write(inside_->pipe_ends[1], &quit, 1) < 0 && errno == EINTR) {
    }
    inside_->waker.join();
    close(inside_->pipe_ends[0]);
    close(inside_->pipe_ends[1]);
    delete inside_;
}

int CaughtSignals::count() const { return caught_count.load(); }
int CaughtSignals::number() const { return caught_number.load(); }

}  // namespace pvsplan::ports
