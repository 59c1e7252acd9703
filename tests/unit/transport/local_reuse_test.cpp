// What is left of a job that is over serves the next one, and nothing of what it said is seen there.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "runtime/transport/local.hpp"
#include "tests/unit/transport/coordinator.hpp"

using namespace pvsplan;
using namespace pvsplan::transport_tests;

namespace {

ino_t file_of(const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

}  // namespace

TEST_CASE("the folder of a job becomes that of the next one") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    us.run(shell("r1-s1-1", "echo some; exit 3"));
    const ino_t first = file_of(folder / "jobs/r1-s1-1");
    REQUIRE(first != 0);
    us.local->recorded("r1-s1-1");
    SECTION("with nothing in it") {
        auto next = shell("r1-s2-1", "ls -A; exit 40");
        const auto event = us.run(next);
        CHECK(event.exit_status == 40);
        CHECK(event.out == "begun.0\nerr\nexit.room\nout\n");
        CHECK(file_of(folder / "jobs/r1-s2-1") == first);
        us.local->recorded("r1-s2-1");
        // One that is asked about, and was never begun, does not become one that was.
        CHECK(us.run(attach(shell("r1-s3-1", "true"))).type == JobEventType::no_record);
    }
    SECTION("not where one stands already") {
        std::filesystem::create_directory(folder / "jobs/r1-s2-1");
        CHECK(us.run(shell("r1-s2-1", "exit 4")).exit_status == 4);
        CHECK(file_of(folder / "jobs/r1-s2-1") != first);
    }
}

TEST_CASE("the folder of a job is nobody else's while there is more in it, or somebody") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    put(folder / "here", "");
    const std::string left =
        GENERATE("echo more > file", "mkdir -p a/b", "ln out other", "chmod 644 err", "rm out; ln -s ../x out",
                 "setsid sh -c 'while [ -e ../../here ]; do sleep 0.1; done' >/dev/null 2>&1 </dev/null &",
                 "(setsid sh -c 'while [ -e ../../here ]; do sleep 0.1; done' & ) >/dev/null 2>&1 </dev/null");
    CAPTURE(left);
    us.run(shell("r1-s1-1", left));
    const ino_t first = file_of(folder / "jobs/r1-s1-1");
    us.local->recorded("r1-s1-1");
    CHECK(us.run(shell("r1-s2-1", "exit 4")).exit_status == 4);
    CHECK(file_of(folder / "jobs/r1-s2-1") != first);
}

TEST_CASE("a recorded job leaves no file") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    us.run(shell("r1-s1-1", "echo"));
    us.local->recorded("r1-s1-1");
    us.local.reset();
    CHECK_FALSE(std::filesystem::exists(folder / "jobs/r1-s1-1"));
}

TEST_CASE("files of a job that is over serve the next one, and nothing of what it said is seen there") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    CHECK(us.run(shell("r1-s1-1", "echo first; echo wrong >&2")).out == "first\n");
    std::error_code none;
    const auto first = file_of(folder / "jobs/r1-s1-1/out");
    SECTION("of one whose outputs nobody has any more") {
        us.local->recorded("r1-s1-1");
        const auto event = us.run(shell("r1-s2-1", "echo $PPID; exit 3"));
        CHECK(event.out == contents(folder / "jobs/r1-s2-1/out"));
        CHECK(event.out.find("first") == std::string::npos);
        CHECK(event.err.empty());
        CHECK(event.exit_status == 3);
        CHECK(file_of(folder / "jobs/r1-s2-1/out") == first);
        CHECK(contents(folder / "jobs/r1-s2-1/begun.0").starts_with(event.out.substr(0, event.out.size() - 1) + " "));
    }
    SECTION("not where they have another name") {
        std::filesystem::create_hard_link(folder / "jobs/r1-s1-1/out", folder / "kept", none);
        us.local->recorded("r1-s1-1");
        us.run(shell("r1-s2-1", "echo second"));
        CHECK(contents(folder / "kept") == "first\n");
    }
    SECTION("not where somebody prints into them still") {
        const int open_still = open((folder / "jobs/r1-s1-1/out").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
        us.local->recorded("r1-s1-1");
        CHECK(us.run(shell("r1-s2-1", "echo second")).out == "second\n");
        CHECK(file_of(folder / "jobs/r1-s2-1/out") != first);
        CHECK(std::filesystem::exists(folder / "jobs/r1-s1-1/late"));
        close(open_still);
    }
}
