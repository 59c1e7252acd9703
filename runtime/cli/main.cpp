#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "runtime/cli/command.hpp"

namespace {

using pvsplan::cli::Session;
using pvsplan::cli::Stream;

bool may_colour(int file) {
    const char* no = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    return (!no || !*no) && ::isatty(file) != 0 && (!term || std::strcmp(term, "dumb") != 0);
}

std::uint32_t width_of(int file) {
    winsize size{};
    if (::ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return size.ws_col;
    return 80;
}

// Why writing to standard output failed first; later calls leave other numbers in errno.
int out_trouble = 0;

void note_trouble(std::FILE* file, bool is_written) {
    if (!is_written && file == stdout && out_trouble == 0) out_trouble = errno == 0 ? EIO : errno;
}

Stream stream_on(std::FILE* file, int number) {
    // Flushed first, so that both streams keep their order if they go into one file.
    return {.write =
                [file](std::string_view text) {
                    if (file == stderr) note_trouble(stdout, std::fflush(stdout) == 0);
                    note_trouble(file, std::fwrite(text.data(), 1, text.size(), file) == text.size());
                },
            .is_terminal = ::isatty(number) != 0,
            .colour = may_colour(number) ? pvsplan::diag::Colour::always : pvsplan::diag::Colour::never,
            .width = width_of(number)};
}

std::optional<std::string> line_of_stdin() {
    std::string line;
    for (int c = std::getc(stdin); c != EOF; c = std::getc(stdin)) {
        if (c == '\n') return line;
        line += static_cast<char>(c);
    }
    if (line.empty()) return std::nullopt;
    return line;
}

// A standard stream that was closed (`>&-`) must not become the number of a file that we open: what is printed would go
// into it. Writing to what stands there instead fails, and that is said below.
void keep_standard_numbers() {
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(number, F_GETFD) < 0 && errno == EBADF)
            (void)::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

// Wherever memory ends, on whichever thread: a run goes on from its journal, as after any death.
[[noreturn]] void say_no_memory() {
    constexpr std::string_view words = "error: there is not enough memory; a run that was under way can be resumed\n";
    (void)!::write(STDERR_FILENO, words.data(), words.size());
    std::_Exit(1);
}

// Whoever supervises pvsplan is told of an interruption in the same way by every command: 128 and the signal. Runs
// catch signals themselves meanwhile, and end with the same.
void end_interrupted(int number) { ::_exit(128 + number); }

void tell_interruptions() {
    for (const int number : {SIGHUP, SIGINT, SIGTERM}) {
        struct sigaction action {};
        // A signal that the parent ignores (nohup) stays ignored.
        if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
        action = {};
        action.sa_handler = end_interrupted;
        sigemptyset(&action.sa_mask);
        ::sigaction(number, &action, nullptr);
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::set_new_handler(say_no_memory);
    keep_standard_numbers();
    // A reader that goes away (`| head`) is no crash: the write fails and that is said below. Nor is a file that may
    // not grow any more (`ulimit -f`).
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    // Who starts us may ignore its children, and a process inherits that: the ends of ours would then be seen by
    // nobody.
    std::signal(SIGCHLD, SIG_DFL);
    tell_interruptions();
    // What is made is for one account alone, whatever the umask was: a run tells how a farm is kept.
    ::umask(S_IRWXG | S_IRWXO);
    // Whoever follows a run through a file or a pipe sees each line when it is there, and all of them after a kill.
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    Session session{.out = stream_on(stdout, STDOUT_FILENO),
                    .err = stream_on(stderr, STDERR_FILENO),
                    .read_line = line_of_stdin,
                    .in_is_terminal = ::isatty(STDIN_FILENO) != 0};
    int status = 70;
    try {
        status = pvsplan::cli::run(session, std::vector<std::string>(argv + 1, argv + argc));
    } catch (const std::system_error& error) {
        // The system refused a file, a thread or a pipe: no bug of pvsplan and no fault of the plan.
        std::fprintf(stderr, "error: the system refuses what is needed to run: %s\n", error.what());
        std::fprintf(stderr, "  look at its limits: `ulimit -a`\n");
        status = 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "pvsplan: this is a bug of pvsplan, not of your plan: %s\n", error.what());
    }
    note_trouble(stdout, std::fflush(stdout) == 0);
    if (out_trouble == 0 || out_trouble == EPIPE) return status;
    std::fprintf(stderr, "error: cannot write to standard output: %s\n", std::strerror(out_trouble));
    return status == 0 ? 1 : status;
}
