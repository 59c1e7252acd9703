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
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "compiler/base/check.hpp"

namespace pvsplan::ports {

namespace {

// The first line of a file; empty where it cannot be read.
std::string first_line(const std::string& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

std::string link_target(const std::string& link) {
    std::array<char, 256> target{};
    const ssize_t size = readlink(link.c_str(), target.data(), target.size());
    return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

// What /proc says of a process.
struct Seen {
    std::string state;    // "R", "S", "Z", …
    std::string threads;  // how many are left
    std::string started;  // in ticks since the boot
};

// `who`: a pid, or "self". Nothing where it may not be read.
std::optional<Seen> seen_in_proc(const std::string& who) {
    const std::string line = first_line("/proc/" + who + "/stat");
    const auto after_name = line.rfind(')');
    if (after_name == std::string::npos) return std::nullopt;
    std::istringstream words(line.substr(after_name + 1));
    const std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
    constexpr std::size_t threads = 17;
    constexpr std::size_t started = 19;
    if (fields.size() <= started) return std::nullopt;
    return Seen{.state = fields[0], .threads = fields[threads], .started = fields[started]};
}

// The first namespace of processes of a kernel has this number on every machine.
constexpr std::string_view first_space = "pid:[4026531836]";

}  // namespace

Identity who_am_i() {
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
    const passwd* entry = getpwuid(geteuid());
    const std::string pids = link_target("/proc/self/ns/pid");
    const std::optional<Seen> self = seen_in_proc("self");
    return {.user = entry != nullptr ? std::string(entry->pw_name) : "uid " + std::to_string(geteuid()),
            .host = host.data(),
            .pid = getpid(),
            .started = self ? self->started : "",
            .machine = pids == first_space ? first_line("/etc/machine-id") : "",
            .boot = first_line("/proc/sys/kernel/random/boot_id"),
            .space = pids.empty() ? "" : pids + " " + link_target("/proc/self/ns/time")};
}

std::string mark_of(const Identity& who) {
    return who.host + "/" + who.machine + "/" + who.boot + "/" + who.space + "/" + std::to_string(who.pid) + "/" +
           who.started;
}

void keep_memory_private() { base::check(prctl(PR_SET_DUMPABLE, 0) == 0, "the kernel knows no PR_SET_DUMPABLE"); }

Life life_of(const Identity& who) {
    const Identity me = who_am_i();
    if (who.pid <= 0 || who.boot.empty() || me.boot.empty()) return Life::unknown;
    // A machine that has booted since runs none of its old processes.
    if (who.boot != me.boot) return !who.machine.empty() && who.machine == me.machine ? Life::dead : Life::unknown;
    if (who.space.empty() || who.space != me.space) return Life::unknown;
    if (kill(static_cast<pid_t>(who.pid), 0) != 0 && errno == ESRCH) return Life::dead;
    // A /proc that belongs to another namespace speaks of other processes.
    if (link_target("/proc/self") != std::to_string(me.pid)) return Life::unknown;
    const std::optional<Seen> there = seen_in_proc(std::to_string(who.pid));
    if (!there) return Life::unknown;
    if (who.started.empty()) return Life::unknown;
    if (there->started != who.started) return Life::dead;
    // Dead, and its parent has not asked yet; with threads left, one of them may still be writing.
    const bool is_zombie = there->state == "Z" || there->state == "X";
    return is_zombie && there->threads == "1" ? Life::dead : Life::alive;
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
    if (pipe2(inside_->pipe_ends.data(), O_CLOEXEC) != 0) {
        const int why = errno;
        delete inside_;
        throw std::system_error(why, std::generic_category(), "no pipe for signals");
    }
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
        // A signal that the parent ignores (nohup) stays ignored.
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
