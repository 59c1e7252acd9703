#include "runtime/ports/child_process.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <sstream>

#include "runtime/ports/readiness.hpp"
#include "tests/unit/ports/folder.hpp"
#include "tests/unit/soon.hpp"

namespace pvsplan::ports::test {
namespace {

// What comes out of the pipe until nobody can write into it any more.
std::string all_of(const Handle& from) {
    std::string text;
    std::array<char, 1000> buffer{};
    for (;;) {
        const Transfer got = read_some(from, buffer.data(), buffer.size());
        if (got.state != Transfer::State::moved) return text;
        text.append(buffer.data(), got.bytes);
    }
}

struct Ended {
    std::string out;
    int status = 0;
    std::int64_t process = 0;
};
Ended run(std::vector<std::string> argv, std::vector<std::string> environment = {"PATH=/usr/bin:/bin"}) {
    Pipe out = std::move(*open_pipe("no pipe"));
    const auto child =
        spawn({.argv = std::move(argv), .environment = std::move(environment), .out = &out.into, .err = &out.into});
    out.into.close();
    REQUIRE(child.ok());
    Ended ended{.out = all_of(out.from)};
    ended.status = wait_for_end(*child);
    ended.process = *child;
    return ended;
}

}  // namespace

TEST_CASE("a child has the environment that it was given, and its exit status or signal is told") {
    const Ended ended = run({"env"}, {"PATH=/usr/bin:/bin", "A=b c"});
    CHECK(ended.out == "PATH=/usr/bin:/bin\nA=b c\n");
    CHECK(ended.status == 0);
    CHECK(run({"sh", "-c", "exit 7"}).status == 7);
    CHECK(run({"sh", "-c", "kill -9 $$"}).status == 128 + SIGKILL);
    const auto none = spawn({.argv = {"no-such-program-anywhere"}, .environment = {}});
    REQUIRE_FALSE(none.ok());
    CHECK_THAT(none.error().text(), Catch::StartsWith("`no-such-program-anywhere` could not be started: "));
}

TEST_CASE("a child writes at the end of a log, and inherits nothing that a library has opened") {
    const Umask open_to_all(0);
    const Folder folder;
    const std::string file = folder / "log";
    const int of_a_library = ::open("/dev/null", O_RDONLY);  // not closed on exec
    for (const char* const word : {"one", "two"}) {
        const auto log = open_log(file);
        REQUIRE(log.ok());
        const auto child = spawn({.argv = {"sh", "-c", "echo $0; [ ! -e /proc/$$/fd/$1 ] || echo inherited >&2", word,
                                           std::to_string(of_a_library)},
                                  .environment = {"PATH=/usr/bin:/bin"},
                                  .out = &*log,
                                  .err = &*log});
        REQUIRE(child.ok());
        CHECK(wait_for_end(*child) == 0);
    }
    ::close(of_a_library);
    CHECK(contents(file) == "one\ntwo\n");
    CHECK(mode_of(file) == 0600);
    std::filesystem::create_symlink(file, folder / "link");
    CHECK_THAT(open_log(folder / "link").error().text(), Catch::Contains("cannot be opened"));
}

TEST_CASE("a child leads a session and a group of its own, and has nothing of ours") {
    const Pipe ours = std::move(*open_pipe("no pipe"));
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    const Ended ended = run({"sh", "-c",
                             "cut -d' ' -f5,6 /proc/$$/stat; grep -E '^Sig(Blk|Ign)' /proc/self/status | cut -f2; "
                             "for end in $0; do [ ! -e /proc/$$/fd/$end ] || echo $end; done",
                             std::to_string(ours.from.number()) + " " + std::to_string(ours.into.number())});
    ::pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    const std::string number = std::to_string(ended.process);
    std::istringstream words(ended.out);
    const std::vector<std::string> said{std::istream_iterator<std::string>(words), {}};
    REQUIRE(said.size() == 4);  // and not one of our ends
    CHECK(said[0] == number);
    CHECK(said[1] == number);
    constexpr std::uint64_t of_the_library = 3ULL << 31U;  // signals 32 and 33, which it lets nobody touch
    CHECK((std::stoull(said[2], nullptr, 16) & ~of_the_library) == 0);
    CHECK((std::stoull(said[3], nullptr, 16) & ~of_the_library) == 0);
}

TEST_CASE("without streams of its own a child reads nothing and prints to nobody") {
    const auto child = spawn({.argv = {"sh", "-c", "echo text && test \"$(cat)\" = ''"}, .environment = {"PATH=/bin"}});
    REQUIRE(child.ok());
    CHECK(wait_for_end(*child) == 0);
}

TEST_CASE("the end of a child is seen without waiting, once") {
    const Pipe gate = std::move(*open_pipe("no pipe"));
    Readiness readiness;
    const auto child = spawn({.argv = {"sh", "-c", "read line; exit 3"}, .environment = {}, .in = &gate.from});
    REQUIRE(child.ok());
    CHECK_FALSE(end_of(*child));
    const Handle end = watch_for_end(*child);
    REQUIRE(end);
    REQUIRE(readiness.watch(end, Readiness::Interest::readable, 5));
    CHECK(readiness.wait(0).empty());
    CHECK(write_some(gate.into, "go\n").bytes == 3);
    CHECK(readiness.wait(tests::patience_ms) == std::vector<std::uint64_t>{5});
    CHECK(end_of(*child) == 3);
    CHECK_FALSE(watch_for_end(*child));
}

TEST_CASE("a child whose end nobody could see has not ended well") {
    ::signal(SIGCHLD, SIG_IGN);  // as a parent may leave it to us: the system then reaps children by itself
    const auto child = spawn({.argv = {"true"}, .environment = {"PATH=/usr/bin:/bin"}});
    REQUIRE(child.ok());
    CHECK(wait_for_end(*child) == end_unseen);
    CHECK(end_of(*child) == end_unseen);
    ::signal(SIGCHLD, SIG_DFL);
}

TEST_CASE("a pipe that does not block says later, and over when the other end has gone") {
    Pipe pipe = std::move(*open_pipe("no pipe"));
    never_block(pipe.from);
    never_block(pipe.into);
    std::array<char, 10> buffer{};
    CHECK(read_some(pipe.from, buffer.data(), buffer.size()).state == Transfer::State::later);
    CHECK(write_some(pipe.into, "text").bytes == 4);
    const Transfer got = read_some(pipe.from, buffer.data(), buffer.size());
    CHECK(got.state == Transfer::State::moved);
    CHECK(std::string(buffer.data(), got.bytes) == "text");
    const std::string much(1U << 20U, 'x');
    Transfer put = write_some(pipe.into, much);
    CHECK(put.state == Transfer::State::moved);
    while (put.state == Transfer::State::moved) put = write_some(pipe.into, much);
    CHECK(put.state == Transfer::State::later);
    ::signal(SIGPIPE, SIG_IGN);
    pipe.from.close();
    CHECK(write_some(pipe.into, "text").state == Transfer::State::over);
    ::signal(SIGPIPE, SIG_DFL);
    Pipe other = std::move(*open_pipe("no pipe"));
    other.into.close();
    CHECK(read_some(other.from, buffer.data(), buffer.size()).state == Transfer::State::over);
}

TEST_CASE("a handle belongs to one, and is closed with him") {
    Pipe pipe = std::move(*open_pipe("no pipe"));
    Handle first = std::move(pipe.into);
    CHECK(first);
    CHECK_FALSE(pipe.into);
    std::array<char, 10> buffer{};
    never_block(pipe.from);
    {
        const Handle second = std::move(first);
        CHECK(read_some(pipe.from, buffer.data(), buffer.size()).state == Transfer::State::later);
    }
    CHECK(read_some(pipe.from, buffer.data(), buffer.size()).state == Transfer::State::over);
    first.close();
    CHECK_FALSE(first);
}

TEST_CASE("a program is looked for in PATH as the system does, in absolute folders alone") {
    const Folder folder;
    const std::string before = std::getenv("PATH");
    std::filesystem::create_directory(folder / "one");
    std::filesystem::create_directories(folder / "two/tool");
    std::filesystem::create_directory(folder / "three");
    put(folder / "one/tool", "");
    put(folder / "three/tool", "");
    REQUIRE(::chmod((folder / "three/tool").c_str(), 0755) == 0);
    ::setenv("PATH", ("one::" + (folder / "one") + ":" + (folder / "two") + ":" + (folder / "three")).c_str(), 1);
    CHECK(find_program("tool") == folder / "three/tool");  // the first cannot be executed, the second is a folder
    CHECK(find_program("other").empty());
    CHECK(find_program("./tool") == "./tool");
    CHECK(is_executable(folder / "three/tool"));
    CHECK_FALSE(is_executable(folder / "one/none"));
    ::setenv("PATH", before.c_str(), 1);
    ::setenv("SEEN_BY_TESTS", "yes", 1);
    const std::vector<std::string> own = own_environment();
    CHECK(std::find(own.begin(), own.end(), "SEEN_BY_TESTS=yes") != own.end());
}

}  // namespace pvsplan::ports::test
