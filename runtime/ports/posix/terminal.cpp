#include "runtime/ports/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <system_error>
#include <thread>
#include <utility>

#include "runtime/ports/this_process.hpp"

namespace pvsplan::ports {

namespace {

int number_of(StandardStream stream) {
    switch (stream) {
        case StandardStream::in: return STDIN_FILENO;
        case StandardStream::out: return STDOUT_FILENO;
        case StandardStream::err: return STDERR_FILENO;
    }
    return -1;
}

// Whoever runs in the background (`pvsplan apply … &`) and touches the terminal is stopped by the system, with the
// lease of the farm: there the keys are somebody else's.
bool is_in_foreground() { return tcgetpgrp(STDIN_FILENO) == getpgrp(); }

}  // namespace

bool is_terminal(StandardStream stream) { return isatty(number_of(stream)) != 0; }

// The usual size where there is no terminal.
TerminalSize terminal_size(StandardStream stream) {
    TerminalSize result;
    winsize size{};
    if (ioctl(number_of(stream), TIOCGWINSZ, &size) != 0) return result;
    if (size.ws_col > 0) result.columns = size.ws_col;
    if (size.ws_row > 0) result.rows = size.ws_row;
    return result;
}

struct Keys::Inside {
    std::function<void(char)> on_key;
    termios before{};
    bool has_terminal = false;
    int stop[2] = {-1, -1};  // a pipe: its second end is closed to end the reader
    std::thread reader;

    // Without signals, so without SIGTTIN: sent to the background meanwhile, reading fails.
    void read_keys() const {
        for (;;) {
            pollfd watched[] = {{STDIN_FILENO, POLLIN, 0}, {stop[0], POLLIN, 0}};
            if (poll(watched, 2, -1) < 0) continue;
            if (watched[1].revents != 0) return;
            char key = 0;
            if (read(STDIN_FILENO, &key, 1) != 1) return;
            on_key(key);
        }
    }
};

// Only echo and lines are switched off: Ctrl-C still is a signal.
Keys::Keys(std::function<void(char key)> on_key) : inside_(std::make_unique<Inside>()) {
    inside_->on_key = std::move(on_key);
    if (pipe2(inside_->stop, O_CLOEXEC) != 0) inside_->stop[0] = inside_->stop[1] = -1;
    inside_->has_terminal = is_in_foreground() && tcgetattr(STDIN_FILENO, &inside_->before) == 0;
    if (!inside_->has_terminal || inside_->stop[0] < 0) return;
    termios quiet = inside_->before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet);
    const SignalsHeld held;
    try {
        inside_->reader = std::thread([inside = inside_.get()] { inside->read_keys(); });
    } catch (const std::system_error&) {  // the system gives no more threads: no key is read
        tcsetattr(STDIN_FILENO, TCSADRAIN, &inside_->before);
        inside_->has_terminal = false;
    }
}

// The reader is ended first: the terminal is put back when nobody reads from it.
Keys::~Keys() {
    if (inside_->stop[1] >= 0) close(inside_->stop[1]);
    if (inside_->reader.joinable()) inside_->reader.join();
    if (inside_->stop[0] >= 0) close(inside_->stop[0]);
    if (inside_->has_terminal && is_in_foreground()) tcsetattr(STDIN_FILENO, TCSADRAIN, &inside_->before);
}

}  // namespace pvsplan::ports
