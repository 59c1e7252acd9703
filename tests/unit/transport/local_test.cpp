#include "runtime/transport/local.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "runtime/transport/folder_files.hpp"
#include "runtime/transport/output.hpp"
#include "runtime/transport/place.hpp"
#include "tests/unit/skip.hpp"
#include "tests/unit/transport/coordinator.hpp"

using namespace pvsplan;
using namespace pvsplan::transport_tests;

TEST_CASE("a command runs and leaves status, output and errors") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    const auto event = us.run(shell("r1-s1-1", "echo out; echo err >&2; exit 7"));
    CHECK(event.type == JobEventType::ended);
    CHECK(event.exit_status == 7);
    CHECK(event.out == "out\n");
    CHECK(event.err == "err\n");
    CHECK(contents(folder / "jobs/r1-s1-1/exit").starts_with("7 r1-s1-1\n"));
}

TEST_CASE("the exit status of another job is none") {
    const Folder folder;
    const auto job = shell("r1-s1-1", "true");
    std::filesystem::create_directories(folder / "jobs/r1-s1-1");
    put(folder / "jobs/r1-s1-1/begun.0", "999999999 1 00000000-0000-0000-0000-000000000000 - -\n");
    const auto ends_as = [&](const std::string& status) {
        put(folder / "jobs/r1-s1-1/exit", status);
        Coordinator us(folder / "jobs");
        return us.run(attach(job));
    };
    CHECK(ends_as("5 r1-s1-1\n\n\n").exit_status == 5);
    CHECK(ends_as("6 r1-s1-1 left\n").exit_status == 6);
    CHECK(ends_as("7\n").exit_status == 7);  // as one that a shell runs leaves it
    for (const char* const status :
         {"5 r1-s1-2\n", "5 r1-s1-1", "5", "", "5 r1-s1-1 x\n", "5 r1-s1-11\n", "\n", " \n", "x\n"})
        CHECK(ends_as(status).type == JobEventType::no_record);
}

TEST_CASE("a runner that cannot leave the status of its job is seen, and goes on when it can") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    const auto job = shell("r1-s1-1", "mkdir exit; touch exit/x; exit 3");
    us.local->start_or_attach(job);
    const auto has_said = [&] {
        us.inbox.take(us.mailbox.take(0));
        const auto events = us.inbox.of(job.key);
        return std::any_of(events.begin(), events.end(),
                           [](const auto& event) { return event.type == JobEventType::hindered; });
    };
    REQUIRE(soon(has_said));
    for (const auto& event : us.inbox.of(job.key)) {
        CHECK_FALSE(event.is_final());
        CHECK(event.text == "its command has ended, and how cannot be written to `" + folder / "jobs/r1-s1-1" +
                                "`: Is a directory; it is tried every second for an hour");
    }
    std::filesystem::remove_all(folder / "jobs/r1-s1-1/exit");
    CHECK(us.inbox.end_of(job.key).exit_status == 3);
}

TEST_CASE("the same key again does not run again") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    const auto job = shell("r1-s1-1", "echo once >> " + folder / "ran; echo done");
    CHECK(us.run(job).out == "done\n");
    us.inbox.clear();
    CHECK(us.run(job).out == "done\n");
    us.inbox.clear();
    CHECK(us.run(attach(job)).out == "done\n");
    CHECK(contents(folder / "ran") == "once\n");
}

TEST_CASE("a job outlives its coordinator, and the next one attaches") {
    const Folder folder;
    const auto job = shell(
        "r1-s1-1", "echo begun >> " + folder / "ran; until [ -e " + folder / "go ]; do sleep 0.05; done; echo late");
    {
        Coordinator first(folder / "jobs");
        first.local->start_or_attach(job);
        REQUIRE(soon([&] { return contents(folder / "ran") == "begun\n"; }));
    }
    Coordinator second(folder / "jobs");
    second.local->start_or_attach(GENERATE(Job::Ask::start, Job::Ask::attach) == Job::Ask::start ? job : attach(job));
    sleep_ms(100);
    put(folder / "go", "");
    const auto event = second.inbox.end_of(job.key);
    CHECK(event.type == JobEventType::ended);
    CHECK(event.out == "late\n");
    CHECK(contents(folder / "ran") == "begun\n");
}

TEST_CASE("kill -9 of the coordinator does not reach the job") {
    const Folder folder;
    const auto job =
        shell("r1-s1-1", "echo $$ > " + folder / "pid; until [ -e " + folder / "go ]; do sleep 0.05; done; exit 3");
    const pid_t child = fork();
    if (child == 0) {
        // Its loop's thread starts after the fork.
        Coordinator first(folder / "jobs");
        first.local->start_or_attach(job);
        while (true) pause();
    }
    REQUIRE(soon([&] { return !contents(folder / "pid").empty(); }));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    Coordinator second(folder / "jobs");
    second.local->start_or_attach(job);
    sleep_ms(100);
    CHECK(kill(std::stoi(contents(folder / "pid")), 0) == 0);
    put(folder / "go", "");
    CHECK(second.inbox.end_of(job.key).exit_status == 3);
}

TEST_CASE("attaching to a key that nobody knows claims it, so that no late start can begin it") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    const auto job = shell("r1-s1-1", "echo ran");
    CHECK(us.run(attach(job)).type == JobEventType::no_record);
    us.inbox.clear();
    CHECK(us.run(attach(job)).type == JobEventType::no_record);
    CHECK(contents(folder / "jobs/r1-s1-1/begun.0") == "void\n");
    // Nor can one that comes after it was said.
    us.inbox.clear();
    CHECK(us.run(job).type == JobEventType::never_started);
    us.inbox.clear();
    CHECK(us.run(attach(job)).type == JobEventType::no_record);
}

TEST_CASE("a job whose claim or status cannot be read is none that has not begun: it is looked at again") {
    const Folder folder;
    const auto job = shell("r1-s1-1", "until [ -e " + folder / "go ]; do sleep 0.05; done; exit 3");
    const std::string file = folder / "jobs/r1-s1-1/" + GENERATE(std::string("begun.0"), std::string("exit"));
    {
        Coordinator first(folder / "jobs");
        first.local->start_or_attach(job);
        REQUIRE(soon([&] { return transport::read_generation(folder / "jobs/r1-s1-1").claim.has_value(); }));
        if (file.ends_with("exit")) {
            put(folder / "go", "");
            CHECK(first.inbox.end_of(job.key).exit_status == 3);
        }
    }
    // A link to itself cannot be read by anybody, be it root.
    std::filesystem::rename(file, file + ".away");
    std::filesystem::create_symlink(file, file);
    Coordinator second(folder / "jobs");
    Job look = attach(job);
    look.ask = Job::Ask::look;
    CHECK(second.run(look).type == JobEventType::lost);
    second.inbox.clear();
    second.local->start_or_attach(attach(job));
    const auto is_hindered = [&] {
        second.inbox.take(second.mailbox.take(0));
        const auto events = second.inbox.of(job.key);
        return std::any_of(events.begin(), events.end(),
                           [](const auto& event) { return event.type == JobEventType::hindered; });
    };
    REQUIRE(soon(is_hindered));
    sleep_ms(200);
    second.inbox.take(second.mailbox.take(0));
    REQUIRE(second.inbox.of(job.key).size() == 1);
    CHECK(second.inbox.of(job.key)[0].text ==
          "nobody can tell whether it runs, or how it ended: `" + file +
              "` cannot be read: Too many levels of symbolic links; it is looked at again, until the run is asked to "
              "stop twice and leaves it to a person");
    std::filesystem::rename(file + ".away", file);
    put(folder / "go", "");
    CHECK(second.inbox.end_of(job.key).exit_status == 3);
}

TEST_CASE("a job that was killed has no result, and is not run again") {
    const Folder folder;
    const auto job = shell("r1-s1-1", "echo $$ > " + folder / "pid; sleep 60");
    Coordinator us(folder / "jobs");
    us.local->start_or_attach(job);
    REQUIRE(soon([&] { return !contents(folder / "pid").empty(); }));
    const auto runner = transport::read_generation(folder / "jobs/r1-s1-1").claim->runner.number;
    SECTION("all of it") { kill(-static_cast<pid_t>(runner), SIGKILL); }
    SECTION("its wrapper alone: what it runs is waited for") {
        kill(static_cast<pid_t>(runner), SIGKILL);
        sleep_ms(300);
        us.inbox.take(us.mailbox.take(0));
        for (const auto& event : us.inbox.of(job.key)) CHECK_FALSE(event.is_final());
        kill(-static_cast<pid_t>(runner), SIGKILL);
    }
    CHECK(us.inbox.end_of(job.key).type == JobEventType::no_record);
    us.inbox.clear();
    CHECK(us.run(job).type == JobEventType::no_record);
}

TEST_CASE("a claim from before a restart of the machine is void") {
    const Folder folder;
    const auto job = shell("r1-s1-1", "echo again");
    std::filesystem::create_directories(folder / "jobs/r1-s1-1");
    put(folder / "jobs/r1-s1-1/begun.0", std::to_string(getpid()) + " 1 00000000-0000-0000-0000-000000000000\n");
    Coordinator us(folder / "jobs");
    CHECK(us.run(job).type == JobEventType::no_record);
}

TEST_CASE("past its timeout a job is lost and goes on") {
    const Folder folder;
    auto job = shell("r1-s1-1", "until [ -e " + folder / "go ]; do sleep 0.05; done; echo survived");
    job.timeout_ms = 4000;  // in which it begins, on a busy machine as well
    Coordinator us(folder / "jobs");
    CHECK(us.run(job).type == JobEventType::lost);
    put(folder / "go", "");
    us.inbox.clear();
    job.timeout_ms = 0;
    CHECK(us.run(attach(job)).out == "survived\n");
}

TEST_CASE("a forgotten job goes on without reports") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    us.local->start_or_attach(
        shell("r1-s1-1", "until [ -e " + folder / "go ]; do sleep 0.05; done; echo x > " + folder / "ran"));
    us.local->forget("r1-s1-1");
    us.run(shell("r1-s2-1", "true"));  // what was asked before is done by then
    put(folder / "go", "");
    CHECK(soon([&] { return contents(folder / "ran") == "x\n"; }));
    us.inbox.take(us.mailbox.take(100));
    CHECK(us.inbox.of("r1-s1-1").empty());
}

TEST_CASE("the last whole line is a sign of life") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    const auto wait = [&](const char* file) { return "until [ -e " + folder / file + " ]; do sleep 0.05; done; "; };
    us.local->start_or_attach(
        shell("r1-s1-1", "printf 'one\\ntwo\\nthr'; " + wait("go") + "echo ee; " + wait("end") + "echo four"));
    const auto lines = [&] {
        us.inbox.take(us.mailbox.take(0));
        std::vector<std::string> all;
        for (const auto& event : us.inbox.of("r1-s1-1"))
            if (event.type == JobEventType::output) all.push_back(event.text);
        return all;
    };
    CHECK(soon([&] { return lines() == std::vector<std::string>{"two"}; }));
    put(folder / "go", "");
    CHECK(soon([&] { return lines() == std::vector<std::string>{"two", "three"}; }));
    put(folder / "end", "");
    us.inbox.end_of("r1-s1-1");
}

TEST_CASE("arguments arrive byte for byte") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    std::mt19937 random(20261124);
    for (int i = 0; i < 40; ++i) {
        const auto one = nasty_text(random, i % 10 == 0 ? 100'000 : 200);
        const auto two = nasty_text(random, 20);
        const auto event = us.run(command("r1-s1-" + std::to_string(i), {"printf", "%s|%s|", one, two, "", "end"}));
        REQUIRE(event.exit_status == 0);
        REQUIRE(event.out.size() == one.size() + two.size() + 7);
        REQUIRE(event.out == one + "|" + two + "||end|");
    }
}

TEST_CASE("arguments that no process can take are reported before anything starts") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    const auto nul = us.run(command("nul", {"echo", std::string("a\0b", 3)}));
    CHECK(nul.type == JobEventType::never_started);
    CHECK(nul.text == "argument 1 of the command contains a NUL byte, which no argument or variable of a process can");
    CHECK(us.run(command("long", {"echo", std::string(200'000, 'x')})).type == JobEventType::never_started);
    CHECK(us.run(command("none", {})).type == JobEventType::never_started);
    CHECK(us.run(shell("../up", "echo")).type == JobEventType::never_started);
    auto sql = shell("sql", "");
    sql.body = program::Body::Type::sql;
    CHECK(us.run(sql).type == JobEventType::never_started);
    // A command that is not there has ended, as every shell says it.
    CHECK(us.run(command("missing", {"pvsplan-no-such-program"})).exit_status == 127);
}

TEST_CASE("a secret reaches the environment and no file or argument") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    const std::string secret = "k7wq'et$(x)\n\xff";
    auto job =
        shell("r1-s1-1", "printf %s \"$PVSPLAN_SECRET_db_password\"; cat /proc/$$/cmdline /proc/$PPID/cmdline >&2");
    job.secrets["db-password"] = secret;
    const auto event = us.run(job);
    CHECK(event.out == secret);
    CHECK(event.err.find("k7wq") == std::string::npos);
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder / "jobs")) {
        if (file.is_regular_file() && file.path().filename() != "out") {
            CHECK(contents(file.path()).find("k7wq") == std::string::npos);
        }
    }
}

TEST_CASE("secrets of the coordinator's environment are not inherited") {
    const Folder folder;
    setenv("PVSPLAN_SECRET_farm", "inherited", 1);
    Coordinator us(folder / "jobs");
    CHECK(us.run(shell("r1-s1-1", "echo \"[$PVSPLAN_SECRET_farm]\"")).out == "[]\n");
    unsetenv("PVSPLAN_SECRET_farm");
}

TEST_CASE("large output comes whole") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    const auto event = us.run(shell("r1-s1-1", "head -c 5000000 /dev/zero | tr '\\0' x"));
    CHECK(event.out == std::string(5'000'000, 'x'));
}

TEST_CASE("a job that prints for ever costs a bounded file, followed or not, and its beginning and end stay") {
    const Folder folder;
    // What it prints while the file is cut may be lost: the last word comes when there is nothing to cut.
    const auto job =
        shell("r1-s1-1", "echo first; yes | head -c 400000000; yes no | head -c 400000000; echo > " +
                             folder / "printed; until [ -e " + folder / "go ]; do sleep 0.05; done; echo last");
    {
        Coordinator first(folder / "jobs");
        first.local->start_or_attach(job);
        REQUIRE(soon([&] { return std::filesystem::exists(folder / "jobs/r1-s1-1/out"); }));
    }
    REQUIRE(soon([&] { return std::filesystem::exists(folder / "jobs/r1-s1-1/out.tail"); }));
    CHECK(soon([&] {
        return std::filesystem::exists(folder / "printed") &&
               transport::size_of(folder / "jobs/r1-s1-1/out") < transport::max_output;
    }));
    put(folder / "go", "");
    Coordinator second(folder / "jobs");
    second.local->start_or_attach(attach(job));
    const auto event = second.inbox.end_of(job.key);
    CHECK(event.exit_status == 0);
    CHECK(event.out.size() <= 2 * transport::kept_at_ends + 100);
    CHECK(event.out.starts_with("first\ny\ny\n"));
    CHECK(event.out.ends_with("last\n"));
    CHECK(event.dropped > 500'000'000);
    CHECK(event.out.find("[" + std::to_string(event.dropped) + " bytes of this output were dropped here]\n") !=
          std::string::npos);
}

TEST_CASE("a burst of output beyond the bound is cut when it is read") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    const auto event = us.run(shell("r1-s1-1", "yes | head -c 17000000; yes | head -c 17000000 >&2"));
    CHECK(event.out.size() + event.dropped >= 17'000'000);
    CHECK(event.out.size() < 3'000'000);
    CHECK(event.err.size() < 3'000'000);
}

TEST_CASE("a job is ended with all that it started, and leaves no status") {
    const Folder folder;
    const auto job =
        shell("r1-s1-1", "trap '' TERM; sleep 1000 & (setsid sh -c 'echo $$ > " +
                             folder / "far; sleep 1000' &); echo $$ > " + folder / "pid; while :; do sleep 0.1; done");
    Coordinator us(folder / "jobs");
    us.local->start_or_attach(job);
    REQUIRE(soon([&] { return !contents(folder / "pid").empty() && !contents(folder / "far").empty(); }));
    us.local->forget(job.key);
    auto ask = job;
    ask.ask = Job::Ask::look;
    CHECK(us.run(ask).type == JobEventType::running);
    us.inbox.clear();
    ask.ask = Job::Ask::kill;
    CHECK(us.run(ask).type == JobEventType::killed);
    CHECK(soon([&] { return is_gone(folder / "pid") && is_gone(folder / "far"); }));
    us.inbox.clear();
    CHECK(us.run(attach(job)).type == JobEventType::no_record);
    us.inbox.clear();
    ask.ask = Job::Ask::look;
    CHECK(us.run(ask).type == JobEventType::no_record);
}

TEST_CASE("past a timeout that says so a job is ended") {
    const Folder folder;
    auto job = shell("r1-s1-1", "echo $$ > " + folder / "pid; sleep 1000");
    job.timeout_ms = 4000;
    job.at_timeout = Job::AtTimeout::kill;
    Coordinator us(folder / "jobs");
    CHECK(us.run(job).type == JobEventType::killed);
    CHECK(soon([&] { return is_gone(folder / "pid"); }));
}

TEST_CASE("a command is a program, never a word of the shell that waits for it") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    auto job = shell("r1-s1-1", "");
    job.arguments = {"echo", "-e", "one\\ttwo"};
    CHECK(us.run(job).out == "one\ttwo\n");
    job = shell("r1-s1-2", "");
    job.arguments = {"no-such-program"};
    CHECK(us.run(job).exit_status == 127);
}

TEST_CASE("an observation runs directly and may be repeated") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    auto job = shell("o1", "echo '{\"stream\":\"running\"}'; echo seen >> " + folder / "ran; exit 2");
    job.type = Job::Type::observation;
    for (int i = 0; i < 2; ++i) {
        const auto event = us.run(job);
        CHECK(event.exit_status == 2);
        CHECK(event.out == "{\"stream\":\"running\"}\n");
        us.inbox.clear();
    }
    CHECK(contents(folder / "ran") == "seen\nseen\n");
    auto slow = shell("o2", "sleep 60");
    slow.type = Job::Type::observation;
    slow.timeout_ms = 100;
    CHECK(us.run(slow).type == JobEventType::lost);
}

TEST_CASE("a folder of jobs that cannot be written starts nothing") {
    const Folder folder;
    put(folder / "jobs", "a file");
    Coordinator us(folder / "jobs");
    const auto event = us.run(shell("r1-s1-1", "echo"));
    CHECK(event.type == JobEventType::never_started);
    CHECK(event.text == "`" + folder / "jobs` is no folder");
}

TEST_CASE("a thousand jobs and observations side by side") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    for (int i = 0; i < 500; ++i) {
        us.local->start_or_attach(shell("c" + std::to_string(i), "echo " + std::to_string(i)));
        auto seen = shell("o" + std::to_string(i), "echo " + std::to_string(i));
        seen.type = Job::Type::observation;
        us.local->start_or_attach(seen);
    }
    for (int i = 0; i < 500; ++i) {
        CHECK(us.inbox.end_of("c" + std::to_string(i)).out == std::to_string(i) + "\n");
        CHECK(us.inbox.end_of("o" + std::to_string(i)).out == std::to_string(i) + "\n");
    }
}

TEST_CASE("an invalid `connect` is reported before anything starts") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    program::Object host{.id = "server/a", .kind = "server", .name = "a"};
    host.connect = {{"over", program::Value::enumerator("local")}, {"user", program::Value::string("me")}};
    auto job = shell("r1-s1-1", "true");
    job.host = &host;
    const auto event = us.run(job);
    CHECK(event.type == JobEventType::never_started);
    CHECK(event.text == "`connect` of server/a has `user`, which `local` does not know; it takes jobs, via, site_key");
}

// A disk of its own, small enough to fill.
TEST_CASE("a full disk") {
    const Folder folder;
    std::filesystem::create_directory(folder / "disk");
    const auto mount = "mount -t tmpfs -o size=256k pvsplan-test " + folder / "disk" + " 2>/dev/null";
    if (geteuid() != 0 || std::system(mount.c_str()) != 0) {
        pvsplan::tests::skip("a small disk wants root and a kernel that lets it mount");
        return;
    }
    {
        Coordinator us(folder / "disk/jobs");
        SECTION("before the job: it does not begin") {
            us.run(shell("r1-s1-1", "true"));
            CHECK(std::system(("dd if=/dev/zero of=" + folder / "disk/full" + " 2>/dev/null").c_str()) != 0);
            const auto event = us.run(shell("r1-s2-1", "touch " + folder / "ran"));
            CHECK(event.type == JobEventType::never_started);
            CAPTURE(event.text);
            CHECK(event.text.find("No space left on device") != std::string::npos);
            CHECK_FALSE(std::filesystem::exists(folder / "ran"));
        }
        SECTION("at its end: it has room for its exit status") {
            const auto event =
                us.run(shell("r1-s1-1", "dd if=/dev/zero of=" + folder / "disk/full" + " 2>/dev/null; exit 4"));
            CHECK(event.exit_status == 4);
            us.local->recorded("r1-s1-1");
            // Nor does one begin that could not leave its own, in a folder that was used before or not.
            std::filesystem::remove(folder / "disk/full");
            CHECK(us.run(shell("r1-s2-1", "exit 5")).exit_status == 5);
        }
    }
    CHECK(soon([&] { return std::system(("umount " + folder / "disk 2>/dev/null").c_str()) == 0; }));
}
