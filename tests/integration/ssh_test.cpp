// Against real sshd and the OpenSSH client on loopback.
#include "runtime/transport/ssh.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>

#include <chrono>
#include <thread>

#include "runtime/transport/job_folder.hpp"
#include "runtime/transport/place.hpp"
#include "tests/integration/sshd.hpp"
#include "tests/unit/skip.hpp"

using namespace pvsplan;
using namespace pvsplan::transport_tests;
using integration::Sshd;

namespace {

bool is_possible() {
    static const bool possible = Sshd::is_possible();
    if (!possible) pvsplan::tests::skip("no sshd can be run here");
    return possible;
}

struct Coordinator {
    ports::Mailbox mailbox;
    transport::Loop loop;
    std::unique_ptr<ports::Transport> ssh;
    Inbox inbox{mailbox};
    explicit Coordinator(const Sshd& sshd, std::int64_t settled_s = transport::settled_kept_s)
        : ssh(transport::make_ssh(loop, mailbox,
                                  {.sockets = sshd.folder().path(),
                                   .connect_timeout_s = 2,
                                   .alive_interval_s = 1,
                                   .first_retry_ms = 50,
                                   .longest_retry_ms = 500,
                                   .settled_s = settled_s})) {}
    JobEvent run(Job job) {
        const auto key = job.key;
        ssh->start_or_attach(std::move(job));
        return inbox.end_of(key);
    }
};

void sleep_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

template <class Done>
bool soon(Done done) {
    for (int i = 0; i < 400; ++i) {
        if (done()) return true;
        sleep_ms(25);
    }
    return false;
}

Job on(const program::Object& host, Job job, ports::Millis patience_ms = 20'000) {
    job.host = &host;
    job.patience_ms = patience_ms;
    return job;
}

}  // namespace

TEST_CASE("ssh: a command runs once, and its status and output arrive") {
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    Coordinator us(sshd);
    const auto job =
        on(host, shell("r1-s1-1", "echo once >> " + sshd.folder() / "ran; echo out; echo err >&2; exit 7"));
    for (const auto& again : {job, job, attach(job)}) {
        const auto event = us.run(again);
        CHECK(event.type == JobEventType::ended);
        CHECK(event.exit_status == 7);
        CHECK(event.out == "out\n");
        CHECK(event.err == "err\n");
        us.inbox.clear();
    }
    CHECK(contents(sshd.folder() / "ran") == "once\n");

    SECTION("a status beyond eight bits is the host's own, from its file") {
        put(sshd.jobs() + "/r1-s1-1/exit", "3010\n");
        CHECK(us.run(attach(job)).exit_status == 3010);
    }
    SECTION("a recorded job is deleted with the next connection") {
        us.ssh->recorded("r1-s1-1");
        us.run(on(host, shell("r1-s2-1", "true")));
        CHECK_FALSE(std::filesystem::exists(sshd.jobs() + "/r1-s1-1"));
        CHECK(std::filesystem::exists(sshd.jobs() + "/r1-s2-1"));
    }
    SECTION("a key that the host does not know is claimed") {
        const auto other = on(host, shell("r1-s3-1", "echo ran"));
        CHECK(us.run(attach(other)).type == JobEventType::no_record);
        CHECK(contents(sshd.jobs() + "/r1-s3-1/begun.0") == "void\n");
        us.inbox.clear();
        CHECK(us.run(other).type == JobEventType::never_started);
    }
}

TEST_CASE("ssh: arguments arrive byte for byte") {
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    Coordinator us(sshd);
    std::mt19937 random(42);
    for (int i = 0; i < 12; ++i) {
        const auto one = nasty_text(random, i % 6 == 0 ? 100'000 : 300);
        const auto two = nasty_text(random, 20);
        const auto event =
            us.run(on(host, command("r1-s1-" + std::to_string(i), {"printf", "%s|%s|", one, two, "", "end"})));
        REQUIRE(event.exit_status == 0);
        REQUIRE(event.out == one + "|" + two + "||end|");
    }
}

TEST_CASE("ssh: the command line means the same in every login shell") {
    const std::string script = "echo fine\n";
    const auto given = "/bin/sh -c 'eval \"$(dd bs=1 count=" + std::to_string(script.size()) + " 2>/dev/null)\"'";
    for (const char* shell_name : {"sh", "dash", "bash", "zsh", "ksh", "tcsh", "csh", "fish"}) {
        if (!integration::have(shell_name)) continue;
        CAPTURE(shell_name);
        CHECK(integration::output_of({"sh", "-c", "printf 'echo fine\\nrest' | \"$0\" -c \"$1\"", shell_name, given}) ==
              "fine\n");
    }
}

TEST_CASE("ssh: a secret is in no argument and no file, on either side") {
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    Coordinator us(sshd);
    auto job = on(host, shell("r1-s1-1", "printf %s \"$PVSPLAN_SECRET_password\"; cat /proc/[0-9]*/cmdline >&2"));
    const std::string secret = "k7wq'et$(x)\n\xff!";
    job.secrets["password"] = secret;
    const auto event = us.run(job);
    CHECK(event.out == secret);
    CHECK(event.err.find("k7wq") == std::string::npos);
    for (const auto& file : std::filesystem::recursive_directory_iterator(sshd.jobs())) {
        if (file.is_regular_file() && file.path().filename() != "out") {
            CHECK(contents(file.path()).find("k7wq") == std::string::npos);
        }
    }
}

TEST_CASE("ssh: the connection is cut, the job goes on, and is attached to") {
    if (!is_possible()) return;
    Sshd sshd;
    const auto host = sshd.host("web01");
    Coordinator us(sshd);
    const auto job = on(host, shell("r1-s1-1", "echo begun >> " + sshd.folder() / "ran; until [ -e " +
                                                   sshd.folder() / "go ]; do sleep 0.05; done; echo late"));
    us.ssh->start_or_attach(job);
    REQUIRE(soon([&] { return contents(sshd.folder() / "ran") == "begun\n"; }));
    sshd.stop();
    sshd.cut_sessions();
    REQUIRE(us.inbox.sees(job.key, JobEventType::unreachable));
    sleep_ms(300);
    sshd.start();
    REQUIRE(us.inbox.sees(job.key, JobEventType::reachable));
    put(sshd.folder() / "go", "");
    CHECK(us.inbox.end_of(job.key).out == "late\n");
    CHECK(contents(sshd.folder() / "ran") == "begun\n");
}

TEST_CASE("ssh: another coordinator attaches to a job of the first one") {
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    const auto job = on(host, shell("r1-s1-1", "echo begun >> " + sshd.folder() / "ran; until [ -e " +
                                                   sshd.folder() / "go ]; do sleep 0.05; done; echo late"));
    {
        Coordinator first(sshd);
        first.ssh->start_or_attach(job);
        REQUIRE(soon([&] { return contents(sshd.folder() / "ran") == "begun\n"; }));
    }
    Coordinator second(sshd);
    second.ssh->start_or_attach(attach(job));
    sleep_ms(200);
    put(sshd.folder() / "go", "");
    CHECK(second.inbox.end_of(job.key).out == "late\n");
    CHECK(contents(sshd.folder() / "ran") == "begun\n");
}

TEST_CASE("ssh: a runner that cannot leave the status of its job is seen, and goes on when it can") {
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    Coordinator us(sshd);
    const auto job = on(host, shell("r1-s1-1", "mkdir exit; exit 3"));
    us.ssh->start_or_attach(job);
    REQUIRE(soon([&] {
        us.inbox.take(us.mailbox.take(0));
        return !us.inbox.of(job.key).empty();
    }));
    const JobEvent said = us.inbox.of(job.key).front();
    CHECK(said.type == JobEventType::hindered);
    CHECK(said.text == "127.0.0.1: its command has ended, and how cannot be written to " + sshd.jobs() +
                           "/r1-s1-1 (a full disk?); it is tried for an hour");
    std::filesystem::remove(sshd.jobs() + "/r1-s1-1/exit");
    CHECK(us.inbox.end_of(job.key).exit_status == 3);
}

TEST_CASE("ssh: a host that lost its record says so, and nothing runs again") {
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    Coordinator us(sshd);
    const auto job = on(host, shell("r1-s1-1", "echo begun >> " + sshd.folder() / "ran; sleep 60"));
    us.ssh->start_or_attach(job);
    REQUIRE(soon([&] { return contents(sshd.folder() / "ran") == "begun\n"; }));
    int runner = 0;
    std::ifstream(sshd.jobs() + "/r1-s1-1/begun.0") >> runner;
    REQUIRE(runner > 1);
    kill(-runner, SIGKILL);
    CHECK(us.inbox.end_of(job.key).type == JobEventType::no_record);
    us.inbox.clear();
    CHECK(us.run(job).type == JobEventType::no_record);
    CHECK(contents(sshd.folder() / "ran") == "begun\n");
}

TEST_CASE("ssh: a refused login is reported at once, with its reason") {
    if (!is_possible()) return;
    Sshd sshd;
    auto host = sshd.host("web01");
    Coordinator us(sshd);
    const auto job = [&] { return on(host, shell("r1-s1-1", "touch " + sshd.folder() / "ran")); };
    JobEvent event;
    std::string part;
    SECTION("unknown host key") {
        host.connect["known_hosts"] = program::Value::string("/dev/null");
        event = us.run(job());
        part = "the host key of 127.0.0.1 is not known";
    }
    SECTION("another host key than the known one") {
        sshd.stop();
        sshd.replace_host_key();
        sshd.start();
        event = us.run(job());
        part = "the host key of 127.0.0.1 is not the one that is known";
    }
    SECTION("a key that the host does not take") {
        integration::run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", sshd.folder() / "other"});
        host.connect["identity"] = program::Value::string(sshd.folder() / "other");
        event = us.run(job());
        part = "was refused";
    }
    SECTION("an address that would be an option") {
        host.attributes["address"] = program::Value::string("-oProxyCommand=touch " + sshd.folder() / "ran");
        event = us.run(job());
        part = "is not the address of a host";
    }
    SECTION("nobody there, and patience at an end") {
        sshd.stop();
        auto impatient = job();
        impatient.patience_ms = 300;
        event = us.run(impatient);
        CHECK(us.inbox.sees("r1-s1-1", JobEventType::unreachable, 0));
        part = "cannot be reached";
    }
    CHECK(event.type == JobEventType::never_started);
    CHECK(event.text.find(part) != std::string::npos);
    INFO(event.text);
    CHECK_FALSE(std::filesystem::exists(sshd.folder() / "ran"));
}

TEST_CASE("ssh: a host that takes the connection and never speaks is given up when its patience is over") {
    if (!is_possible()) return;
    const Sshd sshd;
    auto host = sshd.host("web01");
    const int silent = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(bind(silent, reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(listen(silent, 20) == 0);
    REQUIRE(getsockname(silent, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    host.connect["port"] = program::Value::integer(ntohs(at.sin_port));
    Coordinator us(sshd);
    auto job = on(host, shell("see-1", "true"), 1000);
    job.type = Job::Type::observation;
    const auto event = us.run(job);
    CHECK(event.type == JobEventType::never_started);
    CHECK(event.text.find("cannot be reached: Connection timed out") != std::string::npos);
    // Each try takes a second: what they take counts, so there are no more than two.
    REQUIRE(fcntl(silent, F_SETFL, O_NONBLOCK) == 0);
    int tries = 0;
    while (accept(silent, nullptr, nullptr) >= 0) ++tries;
    CHECK((tries == 1 || tries == 2));
    close(silent);
}

TEST_CASE("ssh: many jobs on one host share its connection") {
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    Coordinator us(sshd);
    for (int i = 0; i < 30; ++i)
        us.ssh->start_or_attach(on(host, shell("j" + std::to_string(i), "echo " + std::to_string(i))));
    for (int i = 0; i < 30; ++i)
        CHECK(us.inbox.end_of("j" + std::to_string(i), 30'000).out == std::to_string(i) + "\n");
}

TEST_CASE("ssh: observations, large output, signs of life, timeouts") {
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    Coordinator us(sshd);
    auto seen = on(host, shell("o1", "echo '{\"a\":1}'; exit 3"));
    seen.type = Job::Type::observation;
    auto event = us.run(seen);
    CHECK(event.exit_status == 3);
    CHECK(event.out == "{\"a\":1}\n");
    CHECK(us.run(on(host, shell("big", "head -c 3000000 /dev/zero | tr '\\0' x"))).out == std::string(3'000'000, 'x'));
    us.run(on(host, shell("slow", "echo working; sleep 0.5")));
    CHECK(us.inbox.sees("slow", JobEventType::output, 0));
    auto hangs = on(host, shell("hangs", "sleep 30"));
    hangs.timeout_ms = 5000;
    CHECK(us.run(hangs).type == JobEventType::lost);
    for (const auto& left : std::filesystem::directory_iterator(sshd.jobs())) {
        CHECK(left.path().string().find("observe") == std::string::npos);
    }
}

TEST_CASE("ssh: a job is inspected, ended with all that it started, and found missing") {
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    Coordinator us(sshd);
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
        for (const char* name : {"pid", "far"})
            CHECK(soon([&] { return kill(std::stoi(contents(sshd.folder() / name)), 0) != 0; }));
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

TEST_CASE("ssh: past a timeout that says so a job is ended") {
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    Coordinator us(sshd);
    auto job = on(host, shell("r1-s1-1", "echo $$ > " + sshd.folder() / "pid; sleep 900"));
    job.timeout_ms = 6000;
    job.at_timeout = Job::AtTimeout::kill;
    CHECK(us.run(job).type == JobEventType::killed);
    CHECK(soon([&] { return kill(std::stoi(contents(sshd.folder() / "pid")), 0) != 0; }));
}

TEST_CASE("ssh: output beyond the bound costs a bounded file, and its beginning and end arrive") {
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    Coordinator us(sshd);
    us.ssh->start_or_attach(
        on(host,
           shell("r1-s1-1", "echo first; yes | head -c 300000000; sleep 3; echo last; yes no | head -c 17000000 >&2")));
    const auto event = us.inbox.end_of("r1-s1-1", 120'000);
    CHECK(event.type == JobEventType::ended);
    CHECK(event.out.starts_with("first\ny\n"));
    CHECK(event.out.ends_with("y\nlast\n"));
    CHECK(event.out.size() < 2'200'000);
    CHECK(event.err.size() < 2'200'000);
    CHECK(event.dropped > 250'000'000);
    CHECK(std::filesystem::file_size(sshd.jobs() + "/r1-s1-1/out") <= 16U << 20U);
}

TEST_CASE("ssh: an observation that hangs is reported, and leaves no process on the host") {
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    Coordinator us(sshd);
    auto hangs = on(host, shell("o1", "echo $$ > " + sshd.folder() / "pid; sleep 900"));
    hangs.type = Job::Type::observation;
    hangs.timeout_ms = 5000;
    const auto event = us.run(hangs);
    CHECK(event.type == JobEventType::lost);
    CHECK(event.text.find("has not answered within 5 s") != std::string::npos);
    CHECK(soon([&] { return kill(std::stoi(contents(sshd.folder() / "pid")), 0) != 0; }));
}

TEST_CASE("ssh: one run at a time has the lease of a farm on a host") {
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    Coordinator us(sshd);
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
    if (!is_possible()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    const std::string settled = sshd.jobs() + "/.settled." + std::to_string(geteuid()) + "/r1";
    const auto is_there = [&](const std::string& name) { return std::filesystem::exists(sshd.jobs() + "/" + name); };
    // Each a process of its own, which looks once at what is to be removed.
    const auto claim = [&](Job::Type type, const std::string& run, bool is_over = false) {
        Job job;
        job.key = run + "-claim";
        job.type = type;
        job.claim = ports::Claim{.farm = run, .run = run, .token = 1, .owner = "{}", .is_over = is_over};
        Coordinator one(sshd, 2);
        CHECK(one.run(on(host, job)).type == JobEventType::claimed);
    };
    Coordinator us(sshd, 2);
    us.run(on(host, shell("r1-s1-1", "true")));
    us.ssh->start_or_attach(on(host, shell("r1-s2-1", "until [ -e " + sshd.folder() / "go ]; do sleep 0.1; done")));
    REQUIRE(soon([&] { return is_there("r1-s2-1/begun.0"); }));
    claim(Job::Type::release, "r1", true);
    CHECK(contents(settled).ends_with("\nr1-s1-1\nr1-s2-1\n"));
    claim(Job::Type::claim, "r2");
    CHECK(is_there("r1-s1-1"));

    claim(Job::Type::claim, "r1");
    CHECK(transport::was_begun(sshd.jobs(), "r1-s1-1"));
    CHECK_FALSE(std::filesystem::exists(settled));
    sleep_ms(3100);
    claim(Job::Type::claim, "r2");
    sleep_ms(300);
    CHECK(is_there("r1-s1-1"));

    claim(Job::Type::release, "r1", true);
    sleep_ms(3100);
    claim(Job::Type::claim, "r2");
    CHECK(soon([&] { return !is_there("r1-s1-1"); }));
    CHECK(is_there("r1-s2-1"));
    put(sshd.folder() / "go", "");
    CHECK(soon([&] { return is_there("r1-s2-1/exit"); }));
    CHECK(soon([&] {
        claim(Job::Type::claim, "r2");
        return !is_there("r1-s2-1") && !std::filesystem::exists(settled);
    }));
}

TEST_CASE("ssh: a Windows host runs our PowerShell (a model of one, behind a real sshd)") {
    if (!is_possible()) return;
    REQUIRE(integration::have("python3"));
    const Folder windows;
    Sshd sshd("127.0.0.1", {},
              "ForceCommand python3 " + std::string(PVSPLAN_SOURCE_DIR) + "/tests/integration/windows_model.py " +
                  windows.path() + "\n");
    auto host = sshd.host("pvs01");
    host.connect["system"] = program::Value::string("windows");
    Coordinator us(sshd);
    const auto job = on(host, command("r1-s1-1", {"setup.exe", "/v\"x y\"", "\xc3\xbc"}));
    put(windows / "wait", "");
    us.ssh->start_or_attach(job);
    REQUIRE(us.inbox.sees("r1-s1-1", JobEventType::output));
    sshd.stop();
    sshd.cut_sessions();
    REQUIRE(us.inbox.sees("r1-s1-1", JobEventType::unreachable));
    std::filesystem::remove(windows / "wait");
    sshd.start();
    auto event = us.inbox.end_of("r1-s1-1");
    CHECK(event.type == JobEventType::ended);
    CHECK(event.exit_status == 3010);
    CHECK(event.out == "\"/v\\\"x y\\\"\" \xc3\xbc");
    CHECK(contents(windows / "ran") == "r1-s1-1\n");
    us.inbox.clear();
    CHECK(us.run(on(host, attach(command("r1-s2-1", {"x.exe"})))).type == JobEventType::no_record);
}
