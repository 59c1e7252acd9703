#include "runtime/ports/child_process.hpp"

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

extern char** environ;

namespace pvsplan::ports {

namespace {

int file_number(const Handle& handle) { return static_cast<int>(handle.number()); }

base::Error system_error(std::string what, int number) { return base::Error{std::move(what), {std::strerror(number)}}; }

// As exec() wants them, with null at the end. They point into `texts`, which has to outlive them.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

// Owns what the system is told of a process to begin; its parts have to be destroyed.
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

    // Null: nothing to read, and what is written is dropped.
    void place(const Handle* handle, int as) {
        if (handle != nullptr) {
            posix_spawn_file_actions_adddup2(&actions, file_number(*handle), as);
        } else {
            posix_spawn_file_actions_addopen(&actions, as, "/dev/null", as == 0 ? O_RDONLY : O_WRONLY, 0);
        }
    }
};

// As shells have it: 128 and the signal for a process that a signal ended.
int status_of(int wait_status) {
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

// An error other than EAGAIN ends the stream as its end does: nobody could go on with either.
Transfer transferred(ssize_t moved) {
    if (moved > 0) return {.state = Transfer::State::moved, .bytes = static_cast<std::size_t>(moved)};
    if (moved < 0 && errno == EAGAIN) return {.state = Transfer::State::later};
    return {.state = Transfer::State::over};
}

}  // namespace

void Handle::close() {
    if (number_ != none) ::close(static_cast<int>(number_));
    number_ = none;
}

// Both ends are closed in children, unless spawn() hands one over.
base::Result<Pipe> open_pipe(const std::string& what_for) {
    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return system_error(what_for, errno);
    return Pipe{.from = Handle(ends[0]), .into = Handle(ends[1])};
}

void never_block(const Handle& end) { fcntl(file_number(end), F_SETFL, O_NONBLOCK); }

// A link in its place is not followed, and a pipe is not waited for.
base::Result<Handle> open_log(const std::string& file) {
    const int log =
        open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, S_IRUSR | S_IWUSR);
    if (log < 0) return system_error("the log `" + file + "` cannot be opened", errno);
    return Handle(log);
}

// A signal in between is no end.
Transfer read_some(const Handle& from, char* into, std::size_t max) {
    ssize_t got = 0;
    while ((got = read(file_number(from), into, max)) < 0 && errno == EINTR) {
    }
    return transferred(got);
}

Transfer write_some(const Handle& into, std::string_view bytes) {
    ssize_t put = 0;
    while ((put = write(file_number(into), bytes.data(), bytes.size())) < 0 && errno == EINTR) {
    }
    return transferred(put);
}

// `NAME=VALUE` each.
std::vector<std::string> own_environment() {
    std::vector<std::string> result;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) result.emplace_back(*entry);
    return result;
}

// Folders that are not absolute are left out: what they are depends on where a job runs.
std::string find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return name;
    const char* path = std::getenv("PATH");
    std::string_view folders = path != nullptr ? path : "/usr/bin:/bin";
    while (!folders.empty()) {
        const std::string_view folder = folders.substr(0, folders.find(':'));
        folders.remove_prefix(std::min(folders.size(), folder.size() + 1));
        const std::string file = std::string(folder) + "/" + name;
        struct stat info {};
        if (folder.starts_with('/') && stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode) && is_executable(file))
            return file;
    }
    return "";
}

bool is_executable(const std::string& file) { return access(file.c_str(), X_OK) == 0; }

// A session of its own keeps signals of our terminal away from it, and its group can be ended as one.
base::Result<std::int64_t> spawn(const SpawnOptions& options) {
    SpawnSetup setup;
    setup.place(options.in, STDIN_FILENO);
    setup.place(options.out, STDOUT_FILENO);
    setup.place(options.err, STDERR_FILENO);
    // Libraries open files and sockets that children would inherit: a port would stay taken for as long as they live.
    posix_spawn_file_actions_addclosefrom_np(&setup.actions, STDERR_FILENO + 1);
    // No signal is ignored or held back in the child because it is in us.
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
    return std::int64_t{pid};
}

// Somebody else has reaped it where there is no such child: it has ended, and how is not known.
std::optional<int> end_of(std::int64_t child) {
    int wait_status = 0;
    const pid_t ended = waitpid(static_cast<pid_t>(child), &wait_status, WNOHANG);
    if (ended == 0) return std::nullopt;
    return ended > 0 ? status_of(wait_status) : end_unseen;
}

// Blocks: for children that have been told to end.
int wait_for_end(std::int64_t child) {
    int wait_status = 0;
    pid_t ended = 0;
    while ((ended = waitpid(static_cast<pid_t>(child), &wait_status, 0)) < 0 && errno == EINTR) {
    }
    return ended > 0 ? status_of(wait_status) : end_unseen;
}

// Can be read once the process has ended; none where the system cannot watch it.
Handle watch_for_end(std::int64_t process) {
    const long opened = syscall(SYS_pidfd_open, static_cast<pid_t>(process), 0);  // close-on-exec by itself
    return opened < 0 ? Handle() : Handle(opened);
}

}  // namespace pvsplan::ports
