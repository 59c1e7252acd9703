#include "runtime/ports/process_group.hpp"

#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <array>

#include "runtime/ports/child_process.hpp"
#include "tests/unit/ports/folder.hpp"
#include "tests/unit/soon.hpp"

namespace pvsplan::ports::test {

using tests::soon;

namespace {

// A shell that leads a group, with a child in it and another one that left its session; says when they are there.
struct Group {
    Pipe said = std::move(*open_pipe("no pipe"));
    std::int64_t leader = 0;
    ProcessName name;
    Group() {
        const auto started = spawn({.argv = {"sh", "-c", "sleep 60 & setsid sleep 60 & echo there; wait"},
                                    .environment = {"PATH=/usr/bin:/bin", "MARK=ours"},
                                    .out = &said.into});
        REQUIRE(started.ok());
        leader = *started;
        std::array<char, 10> buffer{};
        REQUIRE(read_some(said.from, buffer.data(), buffer.size()).bytes > 0);
        name = name_of_process(leader);
    }
    ~Group() {
        for (const std::int64_t member : members_of(name, "MARK=ours")) end_process(member, Ending::forced);
        end_group(leader, Ending::forced);
    }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
};

}  // namespace

TEST_CASE("a leader is alive until it has ended, and a group until nobody of it is left") {
    const Group group;
    CHECK(is_alive(group.name) == Alive::leader);
    end_process(group.leader, Ending::forced);
    REQUIRE(wait_for_end(group.leader) == 128 + SIGKILL);
    CHECK(is_alive(group.name) == Alive::remainder);
    end_group(group.leader, Ending::asked);
    CHECK(soon([&] { return is_alive(group.name) == Alive::no; }));
}

TEST_CASE("a process that waits for its parent to reap it is dead") {
    const auto child = spawn({.argv = {"true"}, .environment = {"PATH=/usr/bin:/bin"}});
    REQUIRE(child.ok());
    const ProcessName name = name_of_process(*child);
    const Handle end = watch_for_end(*child);
    CHECK(soon([&] { return is_alive(name) != Alive::leader; }));
    REQUIRE(wait_for_end(*child) == 0);
    CHECK(is_alive(name) == Alive::no);
}

TEST_CASE("a number means a process within its borders, and a later process of that number is another") {
    const ProcessName self = name_of_process(::getpid());
    CHECK(is_alive(self) == Alive::leader);
    const auto with = [&self](std::string ProcessName::*part, const std::string& value) {
        ProcessName other = self;
        other.*part = value;
        return is_alive(other);
    };
    CHECK(with(&ProcessName::start, "1") == Alive::no);
    CHECK(with(&ProcessName::boot, "another") == Alive::no);
    CHECK(with(&ProcessName::pids, "pid:[1]") == Alive::unknown);
    CHECK(with(&ProcessName::machine, "another") == Alive::unknown);
    CHECK(with(&ProcessName::machine, "-") == Alive::leader);  // what cannot be told tells nothing
    CHECK(is_alive({.number = 0}) == Alive::no);
    CHECK(is_alive({.number = 1}) == Alive::no);
}

TEST_CASE("the processes of a group are those of its session, and who carries its variable wherever it went") {
    const Group group;
    CHECK(soon([&] { return members_of(group.name, "MARK=ours").size() == 3; }));
    // The whole value is asked for, not its beginning; until `setsid` has run, its process is of the session as well.
    CHECK(soon([&] { return members_of(group.name, "MARK=our").size() == 2; }));
    const auto in_session = members_of(group.name, "MARK=our");
    CHECK(std::count(in_session.begin(), in_session.end(), group.leader) == 1);
    CHECK(std::count(in_session.begin(), in_session.end(), ::getpid()) == 0);
}

}  // namespace pvsplan::ports::test
