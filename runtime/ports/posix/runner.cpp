#include "runtime/ports/posix/runner.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <ctime>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace pvsplan::ports::posix {

namespace {

constexpr int first_number = 3;        // after the standard streams
constexpr int start_field = 20;        // of /proc/self/stat, counted from behind the name
constexpr int arguments_field = 46;    // where they begin and end in memory, …
constexpr int environment_field = 48;  // … and likewise the variables
constexpr int status_tries = 3600;     // what cannot be written at the end of a job is tried for an hour, …
constexpr int seconds_between = 1;     // … and the name of the runner says why it is not over
constexpr std::size_t max_name = 80;   // of a job, and so of what is reserved for its status
constexpr int not_found = 127;         // as every shell says it
constexpr int not_started = 126;

// Pointers into what was read, which lives until the next request.
struct Request {
    const char* folder = nullptr;
    const char* claim = nullptr;
    const char* spare = nullptr;
    const char* borders = nullptr;
    const char* out = nullptr;
    const char* err = nullptr;
    const char* room = nullptr;
    const char* status = nullptr;
    const char* name = nullptr;
    char** argv = nullptr;  // with a free place before it
    char** environment = nullptr;
};

[[noreturn]] void leave(int status) {
    for (;;) syscall(SYS_exit_group, status);
}

int open_file(const char* path, int flags) {
    return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, S_IRUSR | S_IWUSR));
}

void close_file(int number) { syscall(SYS_close, number); }

// False at the end of the requests: whoever sent them is gone.
bool read_whole(int from, char* into, std::size_t bytes) {
    while (bytes > 0) {
        const long got = syscall(SYS_read, from, into, bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        into += got;
        bytes -= static_cast<std::size_t>(got);
    }
    return true;
}

// Text of bounded size, made without asking for memory.
struct Line {
    std::array<char, 128> bytes{};
    std::size_t size = 0;
    void add(const char* text) {
        while (*text != '\0' && size + 1 < bytes.size()) bytes[size++] = *text++;
    }
    void add(long number) {
        const auto added = std::to_chars(bytes.data() + size, bytes.data() + bytes.size() - 1, number);
        if (added.ec == std::errc()) size = static_cast<std::size_t>(added.ptr - bytes.data());
    }
};

// What /proc says of this process, in fields counted from behind its name.
struct OwnStat {
    std::array<char, 1024> bytes{};
    OwnStat() {
        const int file = open_file("/proc/self/stat", O_RDONLY);
        if (file < 0) return;
        syscall(SYS_read, file, bytes.data(), bytes.size() - 1);
        close_file(file);
    }
    [[nodiscard]] const char* field(int number) const {
        const char* at = std::strrchr(bytes.data(), ')');
        for (; at != nullptr && number > 0; --number) {
            at = std::strchr(at, ' ');
            if (at != nullptr) ++at;
        }
        return at != nullptr ? at : "";
    }
};

// "NUMBER START BORDERS" under a name of ours, then under that of the claim, unless somebody has it already.
bool claim(const Request& job) {
    const long number = syscall(SYS_getpid);
    Line name;
    name.add("claim.");
    name.add(number);
    const OwnStat own;
    const char* start = own.field(start_field);
    const std::size_t start_size = std::strcspn(start, " \n");
    Line begin;
    begin.add(number);
    begin.add(" ");
    std::array<iovec, 5> pieces{{{begin.bytes.data(), begin.size},
                                 {const_cast<char*>(start_size > 0 ? start : "-"), start_size > 0 ? start_size : 1},
                                 {const_cast<char*>(" "), 1},
                                 {const_cast<char*>(job.borders), std::strlen(job.borders)},
                                 {const_cast<char*>("\n"), 1}}};
    long bytes = 0;
    for (const iovec& piece : pieces) bytes += static_cast<long>(piece.iov_len);
    syscall(SYS_renameat2, AT_FDCWD, job.spare, AT_FDCWD, name.bytes.data(), 0);
    // What a longer one leaves behind the newline counts for nothing; to cut it would cost more than all of this.
    const int file = open_file(name.bytes.data(), O_WRONLY | O_CREAT);
    if (file < 0) return false;
    const bool is_written = syscall(SYS_writev, file, pieces.data(), pieces.size()) == bytes;
    close_file(file);
    if (!is_written) return false;
    if (syscall(SYS_renameat2, AT_FDCWD, name.bytes.data(), AT_FDCWD, job.claim, RENAME_NOREPLACE) == 0) return true;
    if (errno != EINVAL && errno != ENOSYS) return false;
    const bool is_first = syscall(SYS_linkat, AT_FDCWD, name.bytes.data(), AT_FDCWD, job.claim, 0) == 0;
    syscall(SYS_unlinkat, AT_FDCWD, name.bytes.data(), 0);
    return is_first;
}

// Not cut to size first: the room that was reserved has to stay.
bool write_over(const char* path, const char* bytes, std::size_t size) {
    const int file = open_file(path, O_WRONLY | O_CREAT);
    if (file < 0) return false;
    const long written = syscall(SYS_write, file, bytes, size);
    const int why = written < 0 ? errno : ENOSPC;
    close_file(file);
    errno = why;
    return written == static_cast<long>(size);
}

// What is written over needs no room on a disk that is full by then.
bool reserve(const Request& job) {
    std::array<char, max_name + sizeof "255  left\n"> nothing{};
    nothing.fill('\n');
    return write_over(job.room, nothing.data(), nothing.size());
}

// Without the heap: another thread may have held it when this process was copied.
void say_why(const char* program, int error) {
    const char* why = strerrordesc_np(error);
    std::array<iovec, 4> pieces{{{const_cast<char*>(program), std::strlen(program)},
                                 {const_cast<char*>(": "), 2},
                                 {const_cast<char*>(why), why != nullptr ? std::strlen(why) : 0},
                                 {const_cast<char*>("\n"), 1}}};
    syscall(SYS_writev, STDERR_FILENO, pieces.data(), pieces.size());
}

// In the memory of the runner, which waits until there is another program here or none.
[[noreturn]] void become_program(const Request& job, int out, int err) {
    syscall(SYS_dup3, out, STDOUT_FILENO, 0);
    syscall(SYS_dup3, err, STDERR_FILENO, 0);
    syscall(SYS_execve, job.argv[0], job.argv, job.environment);
    int why = errno;
    if (why == ENOEXEC) {
        job.argv[-1] = const_cast<char*>("sh");
        syscall(SYS_execve, "/bin/sh", job.argv - 1, job.environment);
        why = errno;
    }
    say_why(job.argv[0], why);
    leave(why == ENOENT ? not_found : not_started);
}

// The runner has one thread and waits here, so sharing its memory with the child is safe, and much cheaper than a copy.
pid_t start_program(const Request& job, int out, int err) {
    const pid_t program = vfork();
    if (program == 0) become_program(job, out, err);
    return program;
}

// What the program leaves behind becomes a child of ours, and goes when it ends.
int end_of_program(pid_t program) {
    int wait_status = 0;
    for (;;) {
        const long ended = syscall(SYS_wait4, -1, &wait_status, 0, nullptr);
        if (ended == program) break;
        if (ended < 0 && errno != EINTR) return not_started;
    }
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

// Whether no process that the program began, wherever it went, is still there.
bool is_alone() {
    long ended = 0;
    while ((ended = syscall(SYS_wait4, -1, nullptr, WNOHANG, nullptr)) > 0) {
    }
    return ended < 0 && errno == ECHILD;
}

// The status is written over what was reserved and gets its name last: whoever reads it reads all of it.
bool write_status(const Request& job, const Line& text) {
    return write_over(job.room, text.bytes.data(), text.size) &&
           syscall(SYS_renameat2, AT_FDCWD, job.room, AT_FDCWD, job.status, 0) == 0;
}

void take_name(const char* name) { syscall(SYS_prctl, PR_SET_NAME, name, 0, 0, 0); }

void leave_status(const Request& job, int status, bool has_left_none) {
    Line text;
    text.add(status);
    text.add(" ");
    text.add(job.name);
    text.add(has_left_none ? "\n" : " left\n");
    for (int tries = 0; !write_status(job, text) && tries < status_tries; ++tries) {
        Line stuck;
        stuck.add(stuck_name.data());
        stuck.add(errno);
        take_name(stuck.bytes.data());
        if (syscall(SYS_faccessat, AT_FDCWD, job.claim, F_OK) != 0) return;  // its folder is gone
        const timespec pause{.tv_sec = seconds_between, .tv_nsec = 0};
        syscall(SYS_nanosleep, &pause, nullptr);
    }
}

// The order is what other processes rely on: outputs and room first, then the claim, and only then the program. Whoever
// finds a claim finds all that belongs to it.
[[noreturn]] void run(const Request& job) {
    syscall(SYS_setsid);
    if (syscall(SYS_chdir, job.folder) != 0) leave(1);
    const int out = open_file(job.out, O_WRONLY | O_CREAT | O_APPEND);
    const int err = open_file(job.err, O_WRONLY | O_CREAT | O_APPEND);
    if (out < 0 || err < 0 || !reserve(job) || !claim(job)) leave(1);
    const bool sees_all = syscall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
    const pid_t program = start_program(job, out, err);
    int status = not_started;
    if (program < 0) {
        syscall(SYS_dup3, err, STDERR_FILENO, 0);
        say_why(job.argv[0], errno);
    }
    close_file(out);
    close_file(err);
    if (program > 0) status = end_of_program(program);
    leave_status(job, status, sees_all && is_alone());
    leave(0);
}

// As a process begins: all signals are as they are by default, and nothing is open but what is asked through.
void begin(int requests) {
    syscall(SYS_setsid);
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action {};
        action.sa_handler = SIG_DFL;
        (void)sigaction(number, &action, nullptr);
    }
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, nullptr);
    syscall(SYS_umask, S_IRWXG | S_IRWXO);
    if (requests != first_number) syscall(SYS_dup3, requests, first_number, O_CLOEXEC);
    if (syscall(SYS_close_range, first_number + 1, ~0U, 0) != 0) {
        rlimit limit{};
        syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, &limit);
        for (unsigned long number = first_number + 1; number < limit.rlim_cur; ++number)
            close_file(static_cast<int>(number));
    }
    const int nothing = open_file("/dev/null", O_RDWR);
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) syscall(SYS_dup3, nothing, number, 0);
    close_file(nothing);
}

// Whoever lists processes, or ends them by their name, does not take this one for the coordinator that it was; and
// whoever reads its environment finds no secret that was meant for that.
void hide_origin() {
    constexpr const char* name = "job-runner";
    take_name(name);
    const OwnStat own;
    const auto wipe = [&own](int field, std::string_view instead) {
        std::array<std::uintptr_t, 2> ends{};
        for (int end = 0; end < 2; ++end) {
            const char* text = own.field(field + end);
            std::from_chars(text, text + std::strcspn(text, " \n"), ends[end]);
        }
        if (ends[0] == 0 || ends[1] <= ends[0] + instead.size()) return;
        std::memset(reinterpret_cast<void*>(ends[0]), 0, ends[1] - ends[0]);
        std::memcpy(reinterpret_cast<void*>(ends[0]), instead.data(), instead.size());
    };
    wipe(arguments_field, name);
    wipe(environment_field, "");
}

constexpr std::uintptr_t small_map = std::uintptr_t{1} << 17U;

// "START-END rw-p OFFSET DEVICE INODE [PATH]" of a heap: memory that no file and no library has given, and not what
// this process stands on.
void leave_if_heap(const char* line, const char* end) {
    std::uintptr_t from = 0;
    std::uintptr_t to = 0;
    const auto first = std::from_chars(line, end, from, 16);
    const auto second = std::from_chars(first.ptr + 1, end, to, 16);
    const std::string_view rest(second.ptr, static_cast<std::size_t>(end - second.ptr));
    if (first.ec != std::errc() || second.ec != std::errc() || !rest.starts_with(" rw-p ")) return;
    if (!rest.ends_with(" 0 ") && !rest.ends_with(" 0") && !rest.ends_with("[heap]")) return;
    for (const void* const needed : {static_cast<const void*>(&from), static_cast<const void*>(&errno)})
        if (const auto at = reinterpret_cast<std::uintptr_t>(needed); from <= at && at < to) return;
    if (to - from >= small_map) syscall(SYS_madvise, from, to - from, MADV_DONTFORK);
}

// A runner has no use for what the coordinator had on its heaps: to copy their tables would cost more than a command.
void leave_heaps() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return;  // what a sanitizer knows of this memory is in such memory, and a runner cannot do without it
#endif
    const int file = open_file("/proc/self/maps", O_RDONLY);
    if (file < 0) return;
    std::array<char, 8192> bytes{};
    std::size_t held = 0;
    long got = 0;
    while ((got = syscall(SYS_read, file, bytes.data() + held, bytes.size() - held)) > 0) {
        const char* at = bytes.data();
        const char* const end = at + held + got;
        while (const auto* const line_end =
                   static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) {
            leave_if_heap(at, line_end);
            at = line_end + 1;
        }
        held = static_cast<std::size_t>(end - at);
        if (held == bytes.size()) break;  // a name as long as that is none of a heap
        std::memmove(bytes.data(), at, held);
    }
    close_file(file);
}

// Where a request is read into; it grows.
struct Room {
    char* bytes = nullptr;
    std::size_t size = 0;
    // Straight from the system, for the same reason.
    bool hold(std::size_t wanted) {
        if (wanted <= size) return true;
        if (bytes != nullptr) syscall(SYS_munmap, bytes, size);
        size = 0;
        void* got = mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (got == MAP_FAILED) return false;
        bytes = static_cast<char*>(got);
        size = wanted;
        return true;
    }
};

// The texts of a request, one after the other, with the places of pointers to them before.
Request parse(const LaunchHeader& header, Room& room, std::size_t texts_at) {
    char** pointers = reinterpret_cast<char**>(room.bytes);
    char* text = room.bytes + texts_at;
    const auto next = [&text] {
        char* one = text;
        text += std::strlen(text) + 1;
        return one;
    };
    Request job;
    for (const char** name :
         {&job.folder, &job.claim, &job.spare, &job.borders, &job.out, &job.err, &job.room, &job.status, &job.name})
        *name = next();
    job.argv = pointers + 1;
    for (std::uint32_t i = 0; i < header.arguments; ++i) job.argv[i] = next();
    job.argv[header.arguments] = nullptr;
    job.environment = job.argv + header.arguments + 1;
    for (std::uint32_t i = 0; i < header.variables; ++i) job.environment[i] = next();
    job.environment[header.variables] = nullptr;
    return job;
}

}  // namespace

void serve_launches(int requests) {
    begin(requests);
    hide_origin();
    leave_heaps();
    Room room;
    LaunchHeader header;
    while (read_whole(first_number, reinterpret_cast<char*>(&header), sizeof header)) {
        const std::size_t texts_at = (std::size_t{header.arguments} + header.variables + 3) * sizeof(char*);
        if (!room.hold(texts_at + header.bytes) || !read_whole(first_number, room.bytes + texts_at, header.bytes))
            break;
        const Request job = parse(header, room, texts_at);
        // A child of whoever asks: that one sees its end, as long as it lives.
        const long runner = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
        if (runner == 0) {
            close_file(first_number);
            run(job);
        }
        const std::int64_t answer = runner > 0 ? runner : -errno;
        syscall(SYS_write, first_number, &answer, sizeof answer);
    }
    leave(0);
}

}  // namespace pvsplan::ports::posix
