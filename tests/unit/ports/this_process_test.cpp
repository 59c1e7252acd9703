#include "runtime/ports/this_process.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <array>
#include <functional>
#include <thread>

#include "runtime/ports/library.hpp"

namespace pvsplan::ports::test {
namespace {

// The wait status of a process of its own that does this.
int in_a_child(const std::function<int()>& act) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(act());
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
}

}  // namespace

TEST_CASE("a process that began is told to end by signals with 128 and their number") {
    for (const int number : {SIGHUP, SIGINT, SIGTERM}) {
        const int status = in_a_child([number] {
            ::signal(number, SIG_DFL);
            begin_process();
            ::raise(number);
            return 1;
        });
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 128 + number);
        CHECK(in_a_child([number] {
                  ::signal(number, SIG_IGN);  // by nohup
                  begin_process();
                  ::raise(number);
                  return 0;
              }) == 0);
    }
}

TEST_CASE("a standard stream that was closed becomes no file of ours, and can be neither read nor written") {
    CHECK(in_a_child([] {
              for (const int number : {0, 1, 2}) ::close(number);
              begin_process();
              const int next = ::open("/dev/zero", O_RDWR);
              char byte = 'x';
              const bool fails = ::read(0, &byte, 1) < 0 && ::write(1, &byte, 1) < 0 && ::write(2, &byte, 1) < 0;
              return next > 2 && fails ? 0 : 1;
          }) == 0);
}

TEST_CASE("signals that were held back are received, and each thread has a stack of the usual size") {
    CHECK(in_a_child([] {
              sigset_t all;
              ::sigfillset(&all);
              ::sigprocmask(SIG_SETMASK, &all, nullptr);
              ::signal(SIGTERM, SIG_DFL);
              begin_process();
              ::raise(SIGTERM);
              return 1;
          }) == (128 + SIGTERM) << 8);
    CHECK(in_a_child([] {
              struct rlimit stack {};
              ::getrlimit(RLIMIT_STACK, &stack);
              stack.rlim_cur = 64U << 10U;
              ::setrlimit(RLIMIT_STACK, &stack);
              begin_process();
              bool is_touched = false;
              std::thread([&is_touched] {
                  std::array<volatile char, 4U << 20U> room;
                  for (std::size_t at = room.size(); at > 0; at -= 4096) room[at - 1] = 1;
                  is_touched = room[4095] == 1;
              }).join();
              return is_touched ? 0 : 1;
          }) == 0);
    // Where it cannot be had, that is said, and nothing is begun.
    CHECK(in_a_child([] {
              const struct rlimit stack { 64U << 10U, 64U << 10U };
              if (::geteuid() == 0 && ::setuid(65534) != 0) return 2;  // root may have more than the most
              ::setrlimit(RLIMIT_STACK, &stack);
              begin_process();
              return 0;
          }) == 1 << 8);
}

TEST_CASE("a reader that went away is an error of writing, and children are reaped by nobody but us") {
    CHECK(in_a_child([] {
              ::signal(SIGPIPE, SIG_DFL);
              ::signal(SIGCHLD, SIG_IGN);
              begin_process();
              int ends[2];
              if (::pipe(ends) != 0) return 2;
              ::close(ends[0]);
              if (::write(ends[1], "x", 1) >= 0 || errno != EPIPE) return 3;
              const pid_t child = ::fork();
              if (child == 0) ::_exit(7);
              int status = 0;
              return ::waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7 ? 0 : 4;
          }) == 0);
}

TEST_CASE("a thread that begins while signals are held never receives one, and its maker does again") {
    const auto is_blocked = [](int number) {
        sigset_t seen;
        sigemptyset(&seen);
        ::pthread_sigmask(SIG_SETMASK, nullptr, &seen);
        return sigismember(&seen, number) == 1;
    };
    for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGCHLD, SIGTTIN}) {
        bool was_blocked = false;
        {
            const SignalsHeld held;
            std::thread([&] { was_blocked = is_blocked(number); }).join();
        }
        CHECK(was_blocked);
        CHECK(!is_blocked(number));
    }
}

TEST_CASE("a library is asked by name, and one that is not there has nothing") {
    CHECK(symbol_of("libc.so.6", "strlen") != nullptr);
    CHECK(symbol_of("libc.so.6", "no_such_function") == nullptr);
    CHECK(symbol_of("no-such-library.so.1", "strlen") == nullptr);
    CHECK(process_id() == ::getpid());
}

}  // namespace pvsplan::ports::test
