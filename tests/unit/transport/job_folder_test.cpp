// What the folder of jobs tells: who may believe it, what is kept in it, and for how long.
#include "runtime/transport/local.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <thread>

#include "runtime/transport/folder_files.hpp"
#include "runtime/transport/output.hpp"
#include "runtime/transport/place.hpp"
#include "runtime/transport/retired.hpp"
#include "tests/unit/skip.hpp"
#include "tests/unit/transport/coordinator.hpp"

using namespace pvsplan;
using namespace pvsplan::transport_tests;

TEST_CASE("a job whose folder is gone is not one that never began") {
    const Folder folder;
    put(folder / "here", "");
    const auto job =
        shell("r1-s1-1", "echo $$ > " + folder / "pid; while [ -e " + folder / "here ]; do sleep 0.1; done");
    Coordinator us(folder / "jobs");
    us.local->start_or_attach(job);
    REQUIRE(soon([&] { return !contents(folder / "pid").empty(); }));
    SECTION("asked by another coordinator") {
        us.local->forget(job.key);
        std::filesystem::remove_all(folder / "jobs/r1-s1-1");
        for (const auto ask : {Job::Ask::attach, Job::Ask::look, Job::Ask::kill}) {
            auto again = job;
            again.ask = ask;
            const auto event = us.run(again);
            CHECK(event.type == JobEventType::lost);
            CHECK(event.text.find("is gone") != std::string::npos);
            us.inbox.clear();
        }
    }
    SECTION("while it is waited for") {
        std::filesystem::remove_all(folder / "jobs/r1-s1-1");
        std::filesystem::remove(folder / "here");
        CHECK(us.inbox.end_of(job.key).type == JobEventType::lost);
    }
}

TEST_CASE("absence in another folder than it was begun in says nothing") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    auto job = attach(shell("r1-s1-1", "echo"));
    job.place = "11111111-2222 uid=7 machine=m folder=/elsewhere";
    const auto event = us.run(job);
    CHECK(event.type == JobEventType::elsewhere);
    CHECK(event.text.starts_with(
        "its job was begun in `/elsewhere` of the account 7 on the machine m, and is looked for in `"));
    us.inbox.clear();
    job.place = transport::open_jobs_folder(folder / "jobs")->place();
    CHECK(us.run(job).type == JobEventType::no_record);
}

TEST_CASE("a process id of another machine or container is not taken for dead") {
    const Folder folder;
    const auto& here = ports::borders_here();
    Coordinator us(folder / "jobs");
    const auto with = [&](const std::string& key, const std::string& boot, const std::string& pids,
                          const std::string& machine) {
        std::filesystem::create_directories(folder / "jobs/" + key);
        put(folder / "jobs/" + key + "/begun.0", "999999 1 " + boot + " " + pids + " " + machine + "\n");
        return us.run(attach(shell(key, "echo"))).type;
    };
    CHECK(with("a", here.boot, here.pids, "another") == JobEventType::lost);
    CHECK(with("b", here.boot, "pid:[1]", here.machine) == JobEventType::lost);
    CHECK(with("c", "another", here.pids, "another") == JobEventType::lost);
    CHECK(with("d", "another", here.pids, here.machine) == JobEventType::no_record);
    CHECK(with("e", here.boot, here.pids, here.machine) == JobEventType::no_record);
}

TEST_CASE("a folder of jobs that others can write is not trusted") {
    const Folder folder;
    std::filesystem::create_directory(folder / "jobs");
    std::filesystem::permissions(folder / "jobs", std::filesystem::perms::all);
    Coordinator us(folder / "jobs");
    const auto event = us.run(shell("r1-s1-1", "touch " + folder / "ran"));
    CHECK(event.type == JobEventType::never_started);
    CHECK(event.text == "`" + folder / "jobs` can be written by others (`chmod go-w " + folder / "jobs` fixes it)");
}

TEST_CASE("files and folders of jobs are private, whatever the umask") {
    const Folder folder;
    for (const mode_t mask : {0U, 0777U}) {
        const std::string deep = folder / ("deep" + std::to_string(mask));
        const mode_t before = umask(mask);
        Coordinator us(deep + "/jobs");
        const JobEvent event = us.run(shell("r1-s1-1", "true"));
        umask(before);
        CHECK(event.type == JobEventType::ended);
        for (const auto* name : {"", "/jobs", "/jobs/r1-s1-1"})
            CHECK((std::filesystem::status(deep + name).permissions() & std::filesystem::perms(0777)) ==
                  std::filesystem::perms::owner_all);
    }
}

TEST_CASE("one run at a time has the lease of a farm on a machine, whatever folder of jobs it uses") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    const auto claim = [&](const std::string& run, std::uint64_t token, Job::Type is = Job::Type::claim,
                           std::string instead = "") {
        Job job;
        job.key = run + "-claim";
        job.type = is;
        job.claim = ports::Claim{.farm = "contoso",
                                 .run = run,
                                 .token = token,
                                 .owner = "{\"user\":\"a b*\"}",
                                 .instead_of = std::move(instead)};
        us.inbox.clear();
        return us.run(job);
    };
    CHECK(claim("r1", 3).type == JobEventType::claimed);
    CHECK(claim("r1", 3).text == transport::open_jobs_folder(folder / "jobs")->place());
    const auto held = claim("r2", 9);
    CHECK(held.type == JobEventType::held);
    CHECK(held.text == "r1 3 {\"user\":\"a b*\"}");
    CHECK(claim("r1", 2).type == JobEventType::held);
    CHECK(claim("r1", 4).type == JobEventType::claimed);
    auto job = shell("r2-s1-1", "touch " + folder / "ran");
    job.claim = ports::Claim{.farm = "contoso", .run = "r2", .token = 9, .owner = "{}", .instead_of = ""};
    CHECK(us.run(job).type == JobEventType::held);
    CHECK_FALSE(std::filesystem::exists(folder / "ran"));
    CHECK(claim("r2", 9, Job::Type::claim, "r1 3 {\"user\":\"a b*\"}").type ==
          JobEventType::held);  // it has changed since
    CHECK(claim("r2", 9, Job::Type::claim, "r1 4 {\"user\":\"a b*\"}").type == JobEventType::claimed);
    CHECK(claim("r1", 5, Job::Type::release).type == JobEventType::claimed);
    CHECK(claim("r1", 5).type == JobEventType::held);
    CHECK(claim("r2", 9, Job::Type::release).type == JobEventType::claimed);
    CHECK(claim("r1", 5).type == JobEventType::claimed);
}

TEST_CASE("what began is kept in mind until nothing goes on with its run, and no longer") {
    const Folder folder;
    Coordinator us(folder / "jobs");
    const std::string ledger = folder / "jobs/.begun." + std::to_string(geteuid()) + ".";
    const auto release = [&](const std::string& run, bool is_over) {
        Job job;
        job.key = run + "-release";
        job.type = Job::Type::release;
        job.claim = ports::Claim{.farm = "contoso", .run = run, .token = 1, .owner = "{}", .is_over = is_over};
        us.inbox.clear();
        CHECK(us.run(job).type == JobEventType::claimed);
    };
    for (const char* key : {"20261126-a-s1-1", "20261126-a-s2-1", "20261126-b-s1-1"}) {
        us.run(shell(key, "true"));
        us.local->recorded(key);
        us.inbox.clear();
    }
    CHECK(contents(ledger + "20261126-a") == "20261126-a-s1-1\n20261126-a-s2-1\n");
    release("20261126-a", false);  // a run that is not over may be asked about
    CHECK(transport::was_begun(folder / "jobs", "20261126-a-s1-1"));
    release("20261126-a", true);
    CHECK_FALSE(transport::was_begun(folder / "jobs", "20261126-a-s1-1"));
    CHECK_FALSE(std::filesystem::exists(ledger + "20261126-a"));
    CHECK(contents(ledger + "20261126-b") == "20261126-b-s1-1\n");
}

TEST_CASE("jobs of a run that is over stay for a while: not while one runs, nor once somebody goes on with the run") {
    const Folder folder;
    const std::string jobs = folder / "jobs";
    const std::string retired = jobs + "/.retired." + std::to_string(geteuid()) + "/r1";
    const auto is_there = [&](const std::string& name) { return std::filesystem::exists(jobs + "/" + name); };
    Coordinator us(jobs);
    // Each looks once at what is to be removed: jobs that were retired so long ago.
    constexpr std::int64_t hour_s = 3600;
    const auto claim = [&](Job::Type type, const std::string& run, bool is_over, std::int64_t retired_s) {
        Coordinator(jobs, retired_s).claim(type, run, is_over);
    };
    us.run(shell("r1-s1-1", "true"));
    us.local->start_or_attach(shell("r1-s2-1", "until [ -e " + folder / "go ]; do sleep 0.05; done"));
    REQUIRE(soon([&] { return is_there("r1-s2-1/begun.0"); }));
    claim(Job::Type::release, "r1", true, hour_s);
    CHECK(contents(retired).ends_with("\nr1-s1-1\nr1-s2-1\n"));
    claim(Job::Type::claim, "r2", false, hour_s);
    CHECK(is_there("r1-s1-1"));

    claim(Job::Type::claim, "r1", false, hour_s);
    CHECK(transport::was_begun(jobs, "r1-s1-1"));
    CHECK_FALSE(std::filesystem::exists(retired));
    claim(Job::Type::claim, "r2", false, 0);
    CHECK(is_there("r1-s1-1"));

    claim(Job::Type::release, "r1", true, hour_s);
    claim(Job::Type::claim, "r2", false, 0);
    CHECK_FALSE(is_there("r1-s1-1"));
    CHECK(is_there("r1-s2-1"));
    put(folder / "go", "");
    CHECK(soon([&] { return is_there("r1-s2-1/exit"); }));
    CHECK(soon([&] {
        claim(Job::Type::claim, "r2", false, 0);
        return !is_there("r1-s2-1") && !std::filesystem::exists(retired);
    }));
}

TEST_CASE("a clock that was set, or a machine that was started again, makes no retired job old") {
    const Folder folder;
    const std::string jobs = folder / "jobs";
    const std::string retired = jobs + "/.retired." + std::to_string(geteuid());
    REQUIRE(transport::make_folders(retired).ok());
    const std::int64_t up = ports::uptime_s().value();
    const std::int64_t time = std::time(nullptr);
    const auto is_kept = [&](std::int64_t since_up, std::int64_t since, std::int64_t after) {
        REQUIRE(transport::make_folders(jobs + "/r1-s1-1").ok());
        put(retired + "/r1", std::to_string(since_up) + " " + std::to_string(since) + "\nr1-s1-1\n../../victim\n");
        CHECK(transport::remove_retired(jobs, after));
        return std::filesystem::exists(jobs + "/r1-s1-1");
    };
    put(folder / "victim", "");
    CHECK_FALSE(is_kept(up - 100, time - 100, 60));
    CHECK(is_kept(up - 100, time - 100, 200));
    CHECK(is_kept(up - 10, time - 100'000, 60));        // set forward since
    CHECK(is_kept(up - 100, time + 100'000, 60));       // set back
    CHECK(is_kept(up + 9, time - 100'000, up + 1000));  // started again
    CHECK_FALSE(is_kept(up + 1'000'000, time - 100'000, 60));
    std::filesystem::remove_all(retired);
    std::filesystem::create_directory_symlink(folder / "other", retired);
    std::filesystem::create_directory(folder / "other");
    CHECK(is_kept(up - 100, time - 100, 60));
    CHECK(std::filesystem::exists(folder / "victim"));
}

TEST_CASE("a link or a pipe in the place of a ledger is neither written nor read") {
    const Folder folder;
    const std::string mine = folder / ".begun." + std::to_string(geteuid()) + ".r1";
    put(folder / "victim", "r1-s1-1\n");
    std::filesystem::create_symlink(folder / "victim", mine);
    CHECK_FALSE(transport::note_begun(folder / ".", "r1-s2-1").ok());
    CHECK(contents(folder / "victim") == "r1-s1-1\n");
    CHECK_FALSE(transport::was_begun(folder / ".", "r1-s1-1"));
    std::filesystem::remove(mine);
    REQUIRE(mkfifo(mine.c_str(), 0600) == 0);
    CHECK_FALSE(transport::note_begun(folder / ".", "r1-s2-1").ok());
    CHECK_FALSE(transport::was_begun(folder / ".", "r1-s1-1"));
    std::filesystem::remove(mine);
    CHECK(transport::note_begun(folder / ".", "r1-s2-1").ok());
    CHECK(transport::was_begun(folder / ".", "r1-s2-1"));
}

TEST_CASE("a clock that was set forward makes everything old, and what still runs stays") {
    const Folder folder;
    const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours(24 * 400);
    const auto job = shell("r1-s1-1", "until [ -e " + folder / "go ]; do sleep 0.05; done");
    {
        Coordinator before(folder / "jobs");
        before.local->start_or_attach(job);
        REQUIRE(soon([&] { return std::filesystem::exists(folder / "jobs/r1-s1-1/begun.0"); }));
    }
    std::filesystem::create_directory(folder / "jobs/r0-s1-1");
    for (const char* name : {"jobs/r1-s1-1", "jobs/r0-s1-1"}) std::filesystem::last_write_time(folder / name, old);
    Coordinator us(folder / "jobs");
    us.run(shell("r2-s1-1", "true"));
    us.inbox.clear();
    CHECK_FALSE(std::filesystem::exists(folder / "jobs/r0-s1-1"));
    CHECK(std::filesystem::exists(folder / "jobs/r1-s1-1"));
    put(folder / "go", "");
    CHECK(us.run(attach(job)).type == JobEventType::ended);
}
