// Jobs on a host behind real sshd: looked at, ended, bounded in what they print, claimed, and removed once they are
// old.
#include <unistd.h>
#include <csignal>

#include <filesystem>

#include "runtime/transport/folder_files.hpp"
#include "runtime/transport/job_folder.hpp"
#include "runtime/transport/output.hpp"
#include "runtime/transport/place.hpp"
#include "tests/integration/ssh_coordinator.hpp"

using namespace pvsplan;
using namespace pvsplan::transport_tests;
using integration::has_sshd;
using integration::on;
using integration::SshCoordinator;
using integration::Sshd;

TEST_CASE("ssh: observations, large output, signs of life, timeouts") {
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    SshCoordinator us(sshd);
    auto seen = on(host, shell("o1", "echo '{\"a\":1}'; exit 3"));
    seen.type = Job::Type::observation;
    auto event = us.run(seen);
    CHECK(event.exit_status == 3);
    CHECK(event.out == "{\"a\":1}\n");
    CHECK(us.run(on(host, shell("big", "head -c 3000000 /dev/zero | tr '\\0' x"))).out == std::string(3'000'000, 'x'));
    us.ssh->start_or_attach(
        on(host, shell("slow", "echo working; until [ -e " + sshd.folder() / "go ]; do sleep 0.05; done")));
    CHECK(us.inbox.sees("slow", JobEventType::output));
    put(sshd.folder() / "go", "");
    CHECK(us.inbox.end_of("slow").exit_status == 0);
    auto hangs = on(host, shell("hangs", "sleep 60"));
    hangs.timeout_ms = 15'000;  // in which it begins, on a busy machine as well
    CHECK(us.run(hangs).type == JobEventType::lost);
    for (const auto& left : std::filesystem::directory_iterator(sshd.jobs())) {
        CHECK(left.path().string().find("observe") == std::string::npos);
    }
}

TEST_CASE("ssh: a job is inspected, ended with all that it started, and found missing") {
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    SshCoordinator us(sshd);
    const auto job = on(host, shell("r1-s1-1", "trap '' TERM; (setsid sh -c 'echo $$ > " +
                                                   sshd.folder() / "far; sleep 900' &); echo $$ > " +
                                                   sshd.folder() / "pid; while :; do sleep 0.1; done"));
    us.ssh->start_or_attach(job);
    REQUIRE(soon([&] { return !contents(sshd.folder() / "pid").empty() && !contents(sshd.folder() / "far").empty(); }));
    us.ssh->forget(job.key);
    const auto ask = [&](Job::Ask how) {
        auto again = job;
        again.ask = how;
        us.inbox.clear();
        return us.run(again);
    };
    CHECK(ask(Job::Ask::look).type == JobEventType::running);
    SECTION("ended") {
        CHECK(ask(Job::Ask::kill).type == JobEventType::killed);
        for (const char* name : {"pid", "far"}) CHECK(soon([&] { return is_gone(sshd.folder() / name); }));
        CHECK(ask(Job::Ask::attach).type == JobEventType::no_record);
        CHECK(ask(Job::Ask::look).type == JobEventType::no_record);
    }
    SECTION("its folder is gone: nobody knows") {
        std::filesystem::rename(sshd.jobs() + "/r1-s1-1", sshd.folder() / "gone");
        for (const auto how : {Job::Ask::attach, Job::Ask::look}) {
            const auto event = ask(how);
            CHECK(event.type == JobEventType::lost);
            CHECK(event.text.find("is gone: nobody knows whether it runs") != std::string::npos);
        }
        for (const char* name : {"pid", "far"}) kill(std::stoi(contents(sshd.folder() / name)), SIGKILL);
    }
    SECTION("all of the folder of jobs is gone, or it is another: nobody knows") {
        auto claim = on(host, Job{});
        claim.key = "r1-claim-1";
        claim.type = Job::Type::claim;
        const std::string place = us.run(claim).text;
        std::filesystem::rename(sshd.jobs(), sshd.folder() / "gone");
        auto again = attach(job);
        again.place = place;
        us.inbox.clear();
        const auto event = us.run(again);
        CHECK(event.type == JobEventType::elsewhere);
        CHECK(event.text.find("which was made anew since") != std::string::npos);
        for (const char* name : {"pid", "far"}) kill(std::stoi(contents(sshd.folder() / name)), SIGKILL);
    }
}

TEST_CASE("ssh: a job whose claim or status cannot be read is none that has not begun, or left nothing") {
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    const auto job = on(host, shell("r1-s1-1", "echo ran >> " + sshd.folder() / "ran"));
    SshCoordinator us(sshd);
    CHECK(us.run(job).type == JobEventType::ended);
    const std::string file = sshd.jobs() + "/r1-s1-1/" + GENERATE(std::string("begun.0"), std::string("exit"));
    if (file.ends_with("begun.0")) std::filesystem::remove(sshd.jobs() + "/r1-s1-1/exit");
    // A link to itself cannot be read by anybody, be it root.
    std::filesystem::remove(file);
    std::filesystem::create_symlink(file, file);
    for (const Job::Ask ask : {Job::Ask::start, Job::Ask::attach, Job::Ask::look}) {
        auto again = job;
        again.ask = ask;
        us.inbox.clear();
        const auto event = us.run(again);
        CHECK(event.type == JobEventType::lost);
        CHECK(event.text.find(file + " cannot be read") != std::string::npos);
    }
    CHECK(contents(sshd.folder() / "ran") == "ran\n");
}

TEST_CASE("ssh: past a timeout that says so a job is ended") {
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    SshCoordinator us(sshd);
    auto job = on(host, shell("r1-s1-1", "echo $$ > " + sshd.folder() / "pid; sleep 900"));
    job.timeout_ms = 15'000;
    job.at_timeout = Job::AtTimeout::kill;
    CHECK(us.run(job).type == JobEventType::killed);
    CHECK(soon([&] { return is_gone(sshd.folder() / "pid"); }));
}

TEST_CASE("ssh: output beyond the bound costs a bounded file, and its beginning and end arrive") {
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    SshCoordinator us(sshd);
    const std::string out = sshd.jobs() + "/r1-s1-1/out";
    // What it prints while the file is cut may be lost: the last word comes when there is nothing to cut.
    us.ssh->start_or_attach(on(
        host,
        shell("r1-s1-1", "echo first; yes | head -c 300000000; echo > " + sshd.folder() / "printed; until [ -e " +
                             sshd.folder() / "go ]; do sleep 0.05; done; echo last; yes no | head -c 17000000 >&2")));
    REQUIRE(soon([&] {
        return std::filesystem::exists(sshd.folder() / "printed") && transport::size_of(out) < transport::max_output;
    }));
    put(sshd.folder() / "go", "");
    const auto event = us.inbox.end_of("r1-s1-1");
    CHECK(event.type == JobEventType::ended);
    CHECK(event.out.starts_with("first\ny\n"));
    CHECK(event.out.ends_with("y\nlast\n"));
    CHECK(event.out.size() < 2'200'000);
    CHECK(event.err.size() < 2'200'000);
    CHECK(event.dropped > 250'000'000);
    CHECK(std::filesystem::file_size(sshd.jobs() + "/r1-s1-1/out") <= 16U << 20U);
}

TEST_CASE("ssh: an observation that hangs is reported, and leaves no process on the host") {
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    SshCoordinator us(sshd);
    auto hangs = on(host, shell("o1", "echo $$ > " + sshd.folder() / "pid; sleep 900"));
    hangs.type = Job::Type::observation;
    hangs.timeout_ms = 5000;
    const auto event = us.run(hangs);
    CHECK(event.type == JobEventType::lost);
    CHECK(event.text.find("has not answered within 5 s") != std::string::npos);
    CHECK(soon([&] { return is_gone(sshd.folder() / "pid"); }));
}

TEST_CASE("ssh: one run at a time has the lease of a farm on a host") {
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    SshCoordinator us(sshd);
    const auto as = [&](Job job, const std::string& run, std::uint64_t token, std::string instead = "") {
        job = on(host, std::move(job));
        job.claim = ports::Claim{.farm = "contoso",
                                 .run = run,
                                 .token = token,
                                 .owner = "{\"user\":\"a b * $(x)\"}",
                                 .instead_of = std::move(instead)};
        us.inbox.clear();
        return us.run(std::move(job));
    };
    const auto claim = [&](const std::string& run, std::uint64_t token, Job::Type is = Job::Type::claim,
                           std::string instead = "") {
        Job job;
        job.key = run + "-claim";
        job.type = is;
        return as(std::move(job), run, token, std::move(instead));
    };
    const auto ours = claim("r1", 3);
    CHECK(ours.type == JobEventType::claimed);
    CHECK(ours.err.empty());
    CHECK(ours.text.ends_with(" folder=" + sshd.jobs()));
    CHECK(claim("r1", 3).text == ours.text);
    const auto held = claim("r2", 9);
    CHECK(held.type == JobEventType::held);
    CHECK(held.text == "r1 3 {\"user\":\"a b * $(x)\"}");
    CHECK(claim("r1", 2).type == JobEventType::held);
    CHECK(claim("r1", 4).type == JobEventType::claimed);
    CHECK(as(shell("r2-s1-1", "touch " + sshd.folder() / "ran"), "r2", 9).type == JobEventType::held);
    CHECK_FALSE(std::filesystem::exists(sshd.folder() / "ran"));
    CHECK(as(shell("r1-s1-1", "echo fine"), "r1", 4).out == "fine\n");
    CHECK(claim("r2", 9, Job::Type::claim, "r1 3 {\"user\":\"a b * $(x)\"}").type == JobEventType::held);
    CHECK(claim("r2", 9, Job::Type::claim, "r1 4 {\"user\":\"a b * $(x)\"}").type == JobEventType::claimed);
    CHECK(claim("r1", 5, Job::Type::release).type == JobEventType::claimed);
    CHECK(claim("r1", 5).type == JobEventType::held);
    CHECK(claim("r2", 9, Job::Type::release).type == JobEventType::claimed);
    CHECK(claim("r1", 5).type == JobEventType::claimed);
}

TEST_CASE(
    "ssh: jobs of a run that is over stay for a while: not while one runs, nor once somebody goes on with the run") {
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    const std::string retired = sshd.jobs() + "/.retired." + std::to_string(geteuid()) + "/r1";
    const auto is_there = [&](const std::string& name) { return std::filesystem::exists(sshd.jobs() + "/" + name); };
    // Each a process of its own, which looks once at what is to be removed: jobs that were retired so long ago.
    constexpr std::int64_t hour_s = 3600;
    const auto claim = [&](Job::Type type, const std::string& run, bool is_over, std::int64_t retired_s) {
        Job job;
        job.key = run + "-claim";
        job.type = type;
        job.claim = ports::Claim{.farm = run, .run = run, .token = 1, .owner = "{}", .is_over = is_over};
        SshCoordinator one(sshd.folder().path(), {.retired_s = retired_s});
        CHECK(one.run(on(host, job)).type == JobEventType::claimed);
    };
    SshCoordinator us(sshd);
    us.run(on(host, shell("r1-s1-1", "true")));
    us.ssh->start_or_attach(on(host, shell("r1-s2-1", "until [ -e " + sshd.folder() / "go ]; do sleep 0.1; done")));
    REQUIRE(soon([&] { return is_there("r1-s2-1/begun.0"); }));
    claim(Job::Type::release, "r1", true, hour_s);
    CHECK(contents(retired).ends_with("\nr1-s1-1\nr1-s2-1\n"));
    claim(Job::Type::claim, "r2", false, hour_s);
    sleep_ms(300);
    CHECK(is_there("r1-s1-1"));

    claim(Job::Type::claim, "r1", false, hour_s);
    CHECK(transport::was_begun(sshd.jobs(), "r1-s1-1"));
    CHECK_FALSE(std::filesystem::exists(retired));
    claim(Job::Type::claim, "r2", false, 0);
    sleep_ms(300);
    CHECK(is_there("r1-s1-1"));

    claim(Job::Type::release, "r1", true, hour_s);
    claim(Job::Type::claim, "r2", false, 0);
    CHECK(soon([&] { return !is_there("r1-s1-1"); }));
    CHECK(is_there("r1-s2-1"));
    put(sshd.folder() / "go", "");
    CHECK(soon([&] { return is_there("r1-s2-1/exit"); }));
    CHECK(soon([&] {
        claim(Job::Type::claim, "r2", false, 0);
        return !is_there("r1-s2-1") && !std::filesystem::exists(retired);
    }));
}
