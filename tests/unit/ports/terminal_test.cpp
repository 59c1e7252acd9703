#include "runtime/ports/terminal.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>
#include <string>

#include "tests/unit/soon.hpp"

namespace pvsplan::ports::test {
namespace {

// A terminal that is our standard input while this lives, and the end at which its person sits.
struct Terminal {
    int person = ::posix_openpt(O_RDWR | O_NOCTTY);
    int before = ::dup(STDIN_FILENO);
    Terminal() {
        REQUIRE(person >= 0);
        REQUIRE(::grantpt(person) == 0);
        REQUIRE(::unlockpt(person) == 0);
        const int ours = ::open(::ptsname(person), O_RDWR | O_NOCTTY);
        REQUIRE(ours >= 0);
        ::dup2(ours, STDIN_FILENO);
        ::close(ours);
    }
    ~Terminal() {
        ::dup2(before, STDIN_FILENO);
        ::close(before);
        ::close(person);
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    [[nodiscard]] tcflag_t mode() const {
        termios now{};
        REQUIRE(::tcgetattr(STDIN_FILENO, &now) == 0);
        return now.c_lflag & (ECHO | ICANON | ISIG);
    }
};

struct Pressed {
    std::mutex mutex;
    std::string keys;
    void add(char key) {
        const std::lock_guard lock(mutex);
        keys += key;
    }
    bool become(const std::string& wanted) {
        return tests::soon([&] {
            const std::lock_guard lock(mutex);
            return keys == wanted;
        });
    }
};

}  // namespace

TEST_CASE("the size of a terminal is asked anew each time, and is 80 by 24 where there is none") {
    const Terminal terminal;
    CHECK(is_terminal(StandardStream::in));
    winsize size{};
    size.ws_col = 132;
    size.ws_row = 50;
    REQUIRE(::ioctl(terminal.person, TIOCSWINSZ, &size) == 0);
    CHECK(terminal_size(StandardStream::in).columns == 132);
    CHECK(terminal_size(StandardStream::in).rows == 50);
    size = {};
    REQUIRE(::ioctl(terminal.person, TIOCSWINSZ, &size) == 0);
    CHECK(terminal_size(StandardStream::in).columns == 80);
    CHECK(terminal_size(StandardStream::in).rows == 24);
}

namespace {

// In a process of its own, whose terminal this is: which of the promises below does not hold, or 0.
int press_keys(const Terminal& terminal) {
    if (::setsid() < 0 || ::ioctl(STDIN_FILENO, TIOCSCTTY, 0) != 0) return 1;
    const tcflag_t before = terminal.mode();
    if ((before & ICANON) == 0) return 2;
    Pressed pressed;
    {
        const Keys keys([&pressed](char key) { pressed.add(key); });
        if (terminal.mode() != ISIG) return 3;
        if (::write(terminal.person, "y", 1) != 1 || !pressed.become("y")) return 4;
        if (::write(terminal.person, "no", 2) != 2 || !pressed.become("yno")) return 5;
    }
    return terminal.mode() == before ? 0 : 6;
}

}  // namespace

TEST_CASE("keys come one by one and are not shown, and the terminal is as before in the end") {
    const Terminal terminal;
    const pid_t child = ::fork();
    if (child == 0) ::_exit(press_keys(terminal));
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

TEST_CASE("a terminal in whose foreground somebody else is stays as it is") {
    const Terminal terminal;
    const tcflag_t before = terminal.mode();
    Pressed pressed;
    const Keys keys([&pressed](char key) { pressed.add(key); });
    CHECK(terminal.mode() == before);
}

TEST_CASE("without a terminal no key is pressed") {
    const int before = ::dup(STDIN_FILENO);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    ::dup2(ends[0], STDIN_FILENO);
    REQUIRE(::write(ends[1], "y", 1) == 1);
    CHECK_FALSE(is_terminal(StandardStream::in));
    Pressed pressed;
    {
        const Keys keys([&pressed](char key) { pressed.add(key); });
    }
    CHECK(pressed.keys.empty());
    char byte = 0;
    CHECK(::read(STDIN_FILENO, &byte, 1) == 1);  // it is still there for who asks
    ::dup2(before, STDIN_FILENO);
    ::close(before);
    ::close(ends[0]);
    ::close(ends[1]);
}

}  // namespace pvsplan::ports::test
