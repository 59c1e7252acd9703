#include "runtime/ports/launcher.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <csignal>

#include <filesystem>

#include "runtime/ports/child_process.hpp"
#include "tests/unit/ports/folder.hpp"

namespace pvsplan::ports::test {
namespace {

Launch launch_in(const std::string& folder, std::vector<std::string> argv) {
    return {.folder = folder,
            .argv = std::move(argv),
            .environment = {"PATH=/usr/bin:/bin", "A=b c"},
            .claim = "begun.0",
            .spare = "spare",
            .borders = "BOOT PIDS MACHINE",
            .out = "out",
            .err = "err",
            .room = "room",
            .status = "exit",
            .name = "job"};
}

// What it says of the end of the job; behind that may stand what was reserved and is not needed.
std::string status_in(const Folder& folder) {
    const std::string text = contents(folder / "exit");
    return text.substr(0, text.find('\n'));
}

// Runs it to the end of its runner, whose own status is returned.
int run(Launcher& launcher, const Launch& launch) {
    const auto runner = launcher.launch(launch);
    REQUIRE(runner.ok());
    return wait_for_end(*runner);
}

}  // namespace

TEST_CASE("a runner claims, runs a program in a folder and leaves what it printed and how it ended") {
    const Folder folder;
    Launcher launcher;
    const auto runner = launcher.launch(launch_in(
        folder.path(), {"/bin/sh", "-c", "pwd; echo \"$A\" >&2; cat; cut -d' ' -f5,6 /proc/$$/stat; exit 7"}));
    REQUIRE(runner.ok());
    CHECK(wait_for_end(*runner) == 0);
    const std::string number = std::to_string(*runner);
    CHECK(contents(folder / "out") == folder.path() + "\n" + number + " " + number + "\n");
    CHECK(contents(folder / "err") == "b c\n");
    CHECK(status_in(folder) == "7 job");
    const std::string claim = contents(folder / "begun.0");
    CHECK(claim.starts_with(number + " "));
    CHECK(claim.ends_with(" BOOT PIDS MACHINE\n"));
    for (const char* file : {"out", "err", "exit", "begun.0"}) CHECK(mode_of(folder / file) == 0600U);
}

TEST_CASE("a spare file becomes the claim: its first line, which is all that is read of one") {
    const Folder folder;
    Launcher launcher;
    put(folder / "spare", std::string(1000, 'x'));
    CHECK(run(launcher, launch_in(folder.path(), {"/bin/sh", "-c", ":"})) == 0);
    CHECK_FALSE(std::filesystem::exists(folder / "spare"));
    const std::string claim = contents(folder / "begun.0");
    CHECK(claim.substr(0, claim.find('\n')).ends_with(" BOOT PIDS MACHINE"));
}

TEST_CASE("of two runners with one claim one runs the program") {
    const Folder folder;
    Launcher launcher;
    const Launch once = launch_in(folder.path(), {"/bin/sh", "-c", "echo ran"});
    CHECK(run(launcher, once) == 0);
    CHECK(run(launcher, once) == 1);
    CHECK(contents(folder / "out") == "ran\n");
}

TEST_CASE("a program that cannot be executed has ended as a shell says it, with the reason") {
    const Folder folder;
    Launcher launcher;
    run(launcher, launch_in(folder.path(), {folder / "missing"}));
    CHECK(status_in(folder) == "127 job");
    CHECK(contents(folder / "err") == folder / "missing" + ": No such file or directory\n");
    Launch again = launch_in(folder.path(), {folder.path()});
    again.claim = "begun.1";
    run(launcher, again);
    CHECK(status_in(folder) == "126 job");
    put(folder / "script", "echo \"read $1\"; kill -9 $$\n");
    ::chmod((folder / "script").c_str(), 0700);
    again.argv = {folder / "script", "by a shell"};
    again.claim = "begun.2";
    run(launcher, again);
    CHECK(contents(folder / "out") == "read by a shell\n");
    CHECK(status_in(folder) == std::to_string(128 + SIGKILL) + " job");
}

TEST_CASE("a folder that is not there begins nothing") {
    const Folder folder;
    Launcher launcher;
    CHECK(run(launcher, launch_in(folder / "none", {"/bin/sh", "-c", "touch " + folder / "ran"})) == 1);
    CHECK_FALSE(std::filesystem::exists(folder / "ran"));
}

TEST_CASE("a program begins with signals as they are by default and nothing open of ours") {
    const Folder folder;
    const Pipe ours = std::move(*open_pipe("no pipe"));
    ::signal(SIGPIPE, SIG_IGN);
    Launcher launcher;
    run(launcher, launch_in(folder.path(),
                            {"/bin/sh", "-c", "grep -E '^Sig(Blk|Ign)' /proc/self/status | cut -f2 | tr -d '0\n'"}));
    CHECK(contents(folder / "out").empty());
    // Without a shell, which keeps files of its own open for a moment. The last one is the folder that `ls` reads.
    const Folder other;
    run(launcher, launch_in(other.path(), {"/bin/ls", "/proc/self/fd"}));
    ::signal(SIGPIPE, SIG_DFL);
    CHECK(contents(other / "out") == "0\n1\n2\n3\n");
}

TEST_CASE("what starts runners is not taken for the coordinator, nor asked for its secrets") {
    const Folder folder;
    Launcher launcher;
    run(launcher,
        launch_in(folder.path(),
                  {"/bin/sh", "-c",
                   "cat /proc/$PPID/comm; tr -d '\\0' </proc/$PPID/cmdline; tr -d '\\0' </proc/$PPID/environ"}));
    CHECK(contents(folder / "out") == "job-runner\njob-runner");
}

TEST_CASE("where it was ended it is started anew") {
    const Folder folder;
    Launcher launcher;
    Launch job = launch_in(folder.path(), {"/bin/sh", "-c", "echo ran"});
    run(launcher, job);
    const std::string us = std::to_string(getpid());
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string number = entry.path().filename();
        if (number.find_first_not_of("0123456789") != std::string::npos) continue;
        const std::string stat = contents(entry.path() / "stat");
        const std::size_t name = stat.find("(job-runner) ");
        // Behind it stand a letter for its state and the number of its parent.
        if (name != std::string::npos && stat.compare(name + 15, us.size() + 1, us + " ") == 0)
            ::kill(std::stoi(number), SIGKILL);
    }
    job.claim = "begun.1";
    CHECK(run(launcher, job) == 0);
    CHECK(contents(folder / "out") == "ran\nran\n");
}

}  // namespace pvsplan::ports::test
