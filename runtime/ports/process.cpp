#include "runtime/ports/process.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <csignal>

#include <array>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <thread>

#include "compiler/base/check.hpp"

namespace pvsplan::ports {

namespace {

// "boot id/start time in ticks since boot" of a process, from /proc; empty where there is no such thing.
std::string start_mark(std::int64_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(stat, line)) return {};
    const auto after_name = line.rfind(')');
    if (after_name == std::string::npos) return {};
    std::istringstream fields(line.substr(after_name + 1));
    std::string field;
    for (int i = 0; i < 20 && fields >> field; ++i) {
    }
    std::ifstream boot("/proc/sys/kernel/random/boot_id");
    std::string boot_id;
    std::getline(boot, boot_id);
    return boot_id + "/" + field;
}

}  // namespace

Identity who_am_i() {
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
    const passwd* entry = getpwuid(geteuid());
    const std::int64_t pid = getpid();
    return {.user = entry != nullptr ? std::string(entry->pw_name) : "uid " + std::to_string(geteuid()),
            .host = host.data(),
            .pid = pid,
            .started = start_mark(pid)};
}

void keep_memory_private() { base::check(prctl(PR_SET_DUMPABLE, 0) == 0, "the kernel knows no PR_SET_DUMPABLE"); }

bool is_surely_dead(const Identity& who) {
    const auto me = who_am_i();
    if (who.host != me.host || who.pid <= 0) return false;
    // A machine that has booted since then runs none of the old processes.
    const auto boot_of = [](const std::string& mark) { return mark.substr(0, mark.find('/')); };
    if (!who.started.empty() && !me.started.empty() && boot_of(who.started) != boot_of(me.started)) return true;
    if (kill(static_cast<pid_t>(who.pid), 0) != 0 && errno == ESRCH) return true;
    const auto now_there = start_mark(who.pid);
    return !who.started.empty() && !now_there.empty() && now_there != who.started;
}

namespace {

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

constexpr std::array<int, 3> caught_signals = {SIGINT, SIGTERM, SIGHUP};

}  // namespace

struct CaughtSignals::Inside {
    std::array<int, 2> pipe_ends{-1, -1};
    std::array<struct sigaction, 3> before{};
    std::thread waker;
};

CaughtSignals::CaughtSignals(Mailbox& mailbox) : inside_(new Inside) {
    base::check(wake_pipe.load() < 0, "two catchers of signals at once");
    caught_count = 0;
    caught_number = 0;
    base::check(pipe2(inside_->pipe_ends.data(), O_CLOEXEC) == 0, "no pipe for signals");
    wake_pipe = inside_->pipe_ends[1];
    inside_->waker = std::thread([&mailbox, end = inside_->pipe_ends[0]] {
        char byte = 0;
        while (true) {
            const auto got = read(end, &byte, 1);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0 || byte == 'q') return;
            mailbox.wake();
        }
    });
    struct sigaction action {};
    action.sa_handler = catch_signal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < caught_signals.size(); ++i) {
        sigaction(caught_signals[i], &action, &inside_->before[i]);
        // What the parent told us to ignore (nohup) stays ignored.
        if (inside_->before[i].sa_handler == SIG_IGN) sigaction(caught_signals[i], &inside_->before[i], nullptr);
    }
}

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

base::Result<std::string> NoSecrets::read(const std::string& name) {
    return base::Error{"the secret `" + name + "` is wanted, but no source of secrets is configured"};
}

}  // namespace pvsplan::ports
