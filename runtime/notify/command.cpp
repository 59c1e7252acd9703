#include <chrono>

#include "runtime/notify/sending.hpp"
#include "runtime/ports/child_process.hpp"
#include "runtime/ports/process_group.hpp"
#include "runtime/ports/readiness.hpp"
#include "runtime/transport/child.hpp"

namespace pvsplan::notify {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int look_every_ms = 20;

// As much as the program takes; one that reads nothing is no error. As much as the program takes now: a pipe is full at
// some size, and a program that never reads must not hold up the thread.
void feed(const ports::Handle& into, std::string_view& bytes) {
    while (!bytes.empty()) {
        const ports::Transfer moved = ports::write_some(into, bytes);
        if (moved.state == ports::Transfer::State::over) bytes = {};
        if (moved.state != ports::Transfer::State::moved) return;
        bytes.remove_prefix(moved.bytes);
    }
}

}  // namespace

// Looked at every 20 ms: whether it has ended, whether it is late, whether we are to end. It is a leader of its own
// group, and all of that is killed where it has to go. Its words and its output are nobody's to read.
SendResult run_command(const Parcel& parcel, ports::Millis timeout_ms, const std::atomic<bool>& stop) {
    const std::string program = "`" + parcel.how.command[0] + "`";
    base::Result<ports::Pipe> pipe = ports::open_pipe("cannot make a pipe");
    if (!pipe) return {.why = pipe.error().text()};
    std::vector<std::string> environment = transport::plain_environment();
    environment.insert(environment.end(), parcel.environment.begin(), parcel.environment.end());
    const base::Result<std::int64_t> child =
        ports::spawn({.argv = parcel.how.command, .environment = std::move(environment), .in = &pipe->from});
    pipe->from.close();
    if (!child) return {.why = child.error().text()};
    ports::never_block(pipe->into);
    std::string_view left = parcel.bytes;
    ports::Readiness idle;  // nothing is watched: it only waits
    for (const auto until = Clock::now() + std::chrono::milliseconds(timeout_ms);;) {
        feed(pipe->into, left);
        if (left.empty()) pipe->into.close();
        if (const std::optional<int> status = ports::end_of(*child)) {
            if (*status == 0) return {.type = SendResult::Type::sent};
            return {.why = program + " ended with exit status " + std::to_string(*status)};
        }
        const bool is_late = Clock::now() >= until;
        if (is_late || stop) {
            ports::end_group(*child, ports::Ending::forced);
            (void)ports::wait_for_end(*child);
            return {.why = program + (is_late ? " has not ended within " + std::to_string(timeout_ms / 1000) + " s"
                                              : " was ended, because pvsplan ends")};
        }
        (void)idle.wait(look_every_ms);
    }
}

}  // namespace pvsplan::notify
