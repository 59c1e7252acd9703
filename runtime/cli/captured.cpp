#include "runtime/cli/captured.hpp"

#include <array>
#include <chrono>

#include "runtime/ports/child_process.hpp"
#include "runtime/ports/process_group.hpp"
#include "runtime/ports/readiness.hpp"

namespace pvsplan::cli {

// Waiting is done in slices of 100 ms, since an interruption is a flag and wakes nobody. The child is reaped whichever
// way it ends; where it is given up its whole group is killed, since a program that it started would else hold the pipe
// open for ever.
base::Result<Captured> captured(const std::vector<std::string>& argv, std::vector<std::string> environment,
                                const CaptureLimits& limits) {
    base::Result<ports::Pipe> pipe = ports::open_pipe("cannot make a pipe");
    if (!pipe) return std::move(pipe).error();
    ports::Readiness readiness;
    if (!readiness.watch(pipe->from, ports::Readiness::Interest::readable, 1))
        return base::Error{"the system takes no more to wait for"};
    const base::Result<std::int64_t> child =
        ports::spawn({.argv = argv,
                      .environment = std::move(environment),
                      .out = &pipe->into,
                      .err = limits.errors == Errors::with_output ? &pipe->into : nullptr});
    // Our own end of the pipe: left open, reading would never come to an end.
    pipe->into.close();
    if (!child) return child.error();
    Captured result;
    std::string wrong;
    const auto begin = std::chrono::steady_clock::now();
    while (wrong.empty()) {
        if (limits.is_interrupted && limits.is_interrupted())
            wrong = "interrupted while the command `" + argv[0] + "` ran";
        else if (std::chrono::steady_clock::now() - begin > std::chrono::milliseconds(limits.patience_ms))
            wrong = "the command `" + argv[0] + "` has not ended within " + std::to_string(limits.patience_ms / 1000) +
                    " s";
        else if (!readiness.wait(100).empty()) {
            std::array<char, 65536> buffer{};
            const ports::Transfer got = ports::read_some(pipe->from, buffer.data(), buffer.size());
            if (got.state != ports::Transfer::State::moved) break;
            result.text.append(buffer.data(), got.bytes);
            if (result.text.size() > limits.max_bytes) wrong = limits.too_much;
        }
    }
    if (!wrong.empty()) ports::end_group(*child, ports::Ending::forced);
    result.status = ports::wait_for_end(*child);
    if (!wrong.empty()) return base::Error{wrong};
    return result;
}

}  // namespace pvsplan::cli
