#include "runtime/transport/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <string_view>

#include "compiler/base/check.hpp"

extern char** environ;

namespace pvsplan::transport {

namespace {

base::Error system_error(std::string what, int number) { return base::Error{std::move(what), {std::strerror(number)}}; }

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

struct SpawnSetup {
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
    SpawnSetup() {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
    }
    ~SpawnSetup() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;

    void place(int fd, int as) {
        if (fd >= 0) {
            posix_spawn_file_actions_adddup2(&actions, fd, as);
        } else {
            posix_spawn_file_actions_addopen(&actions, as, "/dev/null", as == 0 ? O_RDONLY : O_WRONLY, 0);
        }
    }
};

int status_of(int wait_status) {
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

void close_if_open(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
}

}  // namespace

namespace {

struct StoredOutput {
    std::mutex mutex;
    std::set<std::string, std::less<>> variables;
};
StoredOutput& kept() {
    static StoredOutput from_children;
    return from_children;
}

}  // namespace

void keep_from_children(const std::vector<std::string>& variables) {
    const std::lock_guard lock(kept().mutex);
    kept().variables.insert(variables.begin(), variables.end());
}

std::vector<std::string> plain_environment() {
    std::vector<std::string> result;
    const std::lock_guard lock(kept().mutex);
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (!text.starts_with("PVSPLAN_SECRET_") && !kept().variables.contains(text.substr(0, text.find('='))))
            result.emplace_back(text);
    }
    return result;
}

std::string find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return name;
    const char* path = std::getenv("PATH");
    std::string_view folders = path != nullptr ? path : "/usr/bin:/bin";
    while (!folders.empty()) {
        const std::string_view folder = folders.substr(0, folders.find(':'));
        folders.remove_prefix(std::min(folders.size(), folder.size() + 1));
        const std::string file = std::string(folder) + "/" + name;
        struct stat about {};
        if (folder.starts_with('/') && stat(file.c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
            access(file.c_str(), X_OK) == 0)
            return file;
    }
    return "";
}

base::Result<pid_t> spawn(const SpawnOptions& options) {
    SpawnSetup setup;
    setup.place(options.in, 0);
    setup.place(options.out, 1);
    setup.place(options.err, 2);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&setup.attributes, &all);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&setup.attributes, &none);
    posix_spawnattr_setflags(&setup.attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    const auto argv = pointers(options.argv);
    const auto environment = pointers(options.environment);
    pid_t pid = 0;
    const int failed = posix_spawnp(&pid, argv[0], &setup.actions, &setup.attributes, argv.data(), environment.data());
    if (failed != 0) return system_error("`" + options.argv[0] + "` could not be started", failed);
    return pid;
}

int open_pid(pid_t pid) {
    const long fd = syscall(SYS_pidfd_open, pid, 0);  // close-on-exec by itself
    return static_cast<int>(fd);
}

void reap_later(Loop& loop, pid_t pid) {
    if (waitpid(pid, nullptr, WNOHANG) != 0) return;
    const int fd = open_pid(pid);
    const auto reap = [&loop, pid, fd] {
        if (waitpid(pid, nullptr, WNOHANG) == 0) return;
        loop.unwatch(fd);
        close(fd);
    };
    if (fd >= 0 && loop.watch(fd, Loop::Interest::readable, reap)) return;
    if (fd >= 0) close(fd);
    loop.after(1000, [&loop, pid] { reap_later(loop, pid); });
}

struct Child::Inside : std::enable_shared_from_this<Child::Inside> {
    Loop& loop;
    std::shared_ptr<Calls> calls;  // a call may end the child, and with it all of this
    pid_t pid = 0;
    int pid_fd = -1;
    int in = -1;
    std::array<int, 2> from{-1, -1};  // its 1 and 2
    std::string to_write;
    bool close_when_written = false;
    bool is_watching_in = false;
    bool has_exited = false;
    int status = 0;
    Loop::Timer timer = 0;

    Inside(Loop& on, Calls given) : loop(on), calls(std::make_shared<Calls>(std::move(given))) {}

    void watch_all();
    void take(std::size_t which);
    void drop(int& fd) {
        if (fd >= 0) loop.unwatch(fd);
        close_if_open(fd);
    }
    void try_write();
    void poll_end();
    void exited();
    void maybe_end();
    void abandon();
};

void Child::Inside::take(std::size_t which) {
    std::array<char, 65536> buffer{};
    const auto keep = shared_from_this();
    const auto got = read(from[which], buffer.data(), buffer.size());
    if (got > 0) {
        const auto calls_now = calls;
        if (!calls_now) return;
        const auto& call = which == 0 ? calls_now->on_out : calls_now->on_err;
        if (call) call(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        drop(from[which]);
        maybe_end();
    }
}

void Child::Inside::try_write() {
    while (in >= 0 && !to_write.empty()) {
        const auto put = ::write(in, to_write.data(), to_write.size());
        if (put > 0) {
            to_write.erase(0, static_cast<std::size_t>(put));
        } else if (errno == EAGAIN) {
            if (!is_watching_in) {
                is_watching_in = loop.watch(in, Loop::Interest::writable, [this] { try_write(); });
                if (!is_watching_in) drop(in);
            }
            return;
        } else if (errno != EINTR) {
            to_write.clear();
            is_watching_in = false;
            drop(in);  // it reads no more
        }
    }
    if (is_watching_in) {
        loop.unwatch(in);
        is_watching_in = false;
    }
    if (close_when_written) drop(in);
}

void Child::Inside::exited() {
    int wait_status = 0;
    const pid_t ended = waitpid(pid, &wait_status, WNOHANG);
    if (ended == 0) return;
    has_exited = true;
    static constexpr int unseen = 255;  // an end that nobody saw is not a good one
    status = ended == pid ? status_of(wait_status) : unseen;
    drop(pid_fd);
    drop(in);
    // What it has written is still to be read; but a process that it left behind may hold the pipes open for ever.
    timer = loop.after(200, [this] {
        timer = 0;
        drop(from[0]);
        drop(from[1]);
        maybe_end();
    });
    maybe_end();
}

void Child::Inside::maybe_end() {
    if (!has_exited || from[0] >= 0 || from[1] >= 0) return;
    loop.cancel(timer);
    const auto keep = shared_from_this();
    const auto calls_now = std::exchange(calls, nullptr);
    if (calls_now && calls_now->on_end) calls_now->on_end(status);
}

void Child::Inside::poll_end() {
    exited();
    if (!has_exited) timer = loop.after(50, [this] { poll_end(); });
}

void Child::Inside::watch_all() {
    pid_fd = open_pid(pid);
    if (pid_fd < 0 || !loop.watch(pid_fd, Loop::Interest::readable, [this] { exited(); })) {
        close_if_open(pid_fd);
        timer = loop.after(50, [this] { poll_end(); });
    }
    for (std::size_t which = 0; which < 2; ++which) {
        if (!loop.watch(from[which], Loop::Interest::readable, [this, which] { take(which); })) drop(from[which]);
    }
}

void Child::Inside::abandon() {
    calls.reset();
    loop.cancel(timer);
    drop(in);
    drop(from[0]);
    drop(from[1]);
    drop(pid_fd);
    if (!has_exited && pid > 0) reap_later(loop, pid);
}

base::Result<std::unique_ptr<Child>> Child::start(Loop& loop, std::vector<std::string> argv,
                                                  std::vector<std::string> environment, Calls calls) {
    std::array<std::array<int, 2>, 3> pipes{{{-1, -1}, {-1, -1}, {-1, -1}}};
    const auto close_pipes = [&pipes] {
        for (auto& both : pipes) {
            for (auto& fd : both) close_if_open(fd);
        }
    };
    for (auto& both : pipes) {
        if (pipe2(both.data(), O_CLOEXEC) != 0) {
            const int number = errno;
            close_pipes();
            return system_error("no pipe for `" + argv[0] + "`", number);
        }
    }
    auto started = spawn({.argv = std::move(argv),
                          .environment = std::move(environment),
                          .in = pipes[0][0],
                          .out = pipes[1][1],
                          .err = pipes[2][1]});
    if (!started) {
        close_pipes();
        return std::move(started).error();
    }
    auto inside = std::make_shared<Inside>(loop, std::move(calls));
    inside->pid = *started;
    inside->in = std::exchange(pipes[0][1], -1);
    inside->from = {std::exchange(pipes[1][0], -1), std::exchange(pipes[2][0], -1)};
    close_pipes();
    for (const int fd : {inside->in, inside->from[0], inside->from[1]}) fcntl(fd, F_SETFL, O_NONBLOCK);
    inside->watch_all();
    return std::unique_ptr<Child>(new Child(std::move(inside)));
}

Child::~Child() { inside_->abandon(); }

void Child::write(std::string_view bytes) {
    inside_->to_write += bytes;
    inside_->try_write();
}

void Child::close_input() {
    inside_->close_when_written = true;
    inside_->try_write();
}

void Child::kill() {
    if (!inside_->has_exited) ::kill(-inside_->pid, SIGKILL);
}

}  // namespace pvsplan::transport
