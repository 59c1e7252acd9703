#include <algorithm>
#include <array>
#include <cerrno>
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
#include "runtime/ports/terminal.hpp"
#include "runtime/ports/this_process.hpp"

namespace {

using pvsplan::cli::Session;
using pvsplan::cli::Stream;
using pvsplan::ports::StandardStream;

bool may_colour(StandardStream stream) {
    const char* no = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    return (!no || !*no) && pvsplan::ports::is_terminal(stream) && (!term || std::strcmp(term, "dumb") != 0);
}

// Below 40 columns no text can be laid out.
std::uint32_t width_of(StandardStream stream) {
    const std::uint32_t columns = pvsplan::ports::terminal_size(stream).columns;
    return columns >= 40 ? columns : 80;
}

// Why writing to standard output failed first; later calls leave other numbers in errno.
int out_trouble = 0;

// A text of which a part could be written counts as written for fwrite; the stream alone knows that it was not.
void note_trouble(std::FILE* file, bool is_written) {
    if (is_written && std::ferror(file) == 0) return;
    if (file == stdout && out_trouble == 0) out_trouble = errno == 0 ? EIO : errno;
}

Stream stream_on(std::FILE* file, StandardStream stream) {
    // Flushed first, so that both streams keep their order if they go into one file.
    return {.write =
                [file](std::string_view text) {
                    if (file == stderr) note_trouble(stdout, std::fflush(stdout) == 0);
                    note_trouble(file, std::fwrite(text.data(), 1, text.size(), file) == text.size());
                },
            .is_terminal = pvsplan::ports::is_terminal(stream),
            .colour = may_colour(stream) ? pvsplan::diag::Colour::always : pvsplan::diag::Colour::never,
            .width = width_of(stream)};
}

// A last line without its line feed counts.
std::optional<std::string> line_of_stdin() {
    std::string line;
    for (int c = std::getc(stdin); c != EOF; c = std::getc(stdin)) {
        if (c == '\n') return line;
        line += static_cast<char>(c);
    }
    if (line.empty()) return std::nullopt;
    return line;
}

// One byte more than `max` is enough to know that there is more: a pipe that never ends fills no memory. A part of what
// could not be read on is none of it.
pvsplan::base::Result<std::string> rest_of_stdin(std::size_t max) {
    std::string bytes;
    std::array<char, 65536> buffer{};
    while (bytes.size() <= max) {
        const std::size_t got = std::fread(buffer.data(), 1, std::min(buffer.size(), max + 1 - bytes.size()), stdin);
        if (got == 0) break;
        bytes.append(buffer.data(), got);
    }
    if (std::ferror(stdin) != 0) return pvsplan::base::Error{"cannot read standard input", {std::strerror(errno)}};
    return bytes;
}

// Wherever memory ends, on whichever thread: a run goes on from its journal, as after any death.
[[noreturn]] void say_no_memory() {
    constexpr std::string_view words = "error: there is not enough memory; a run that was under way can be resumed\n";
    pvsplan::ports::complain_without_memory(words);
    std::_Exit(1);
}

}  // namespace

// An exception that arrives here is a bug, or a system that refuses: those of libraries end in the file that wraps
// them. A reader that has gone (`pvsplan log | head`) is no error.
int main(int argc, char** argv) {
    std::set_new_handler(say_no_memory);
    pvsplan::ports::begin_process();
    // Whoever follows a run through a file or a pipe sees each line when it is there, and all of them after a kill.
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    Session session{.out = stream_on(stdout, StandardStream::out),
                    .err = stream_on(stderr, StandardStream::err),
                    .read_line = line_of_stdin,
                    .in_is_terminal = pvsplan::ports::is_terminal(StandardStream::in),
                    .read_rest = rest_of_stdin};
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
