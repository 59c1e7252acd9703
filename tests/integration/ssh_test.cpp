// Against real sshd and the OpenSSH client on loopback: logins, lines that are cut, and what arrives over them.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>

#include <random>

#include "tests/integration/ssh_coordinator.hpp"

using namespace pvsplan;
using namespace pvsplan::transport_tests;
using integration::has_sshd;
using integration::on;
using integration::SshCoordinator;
using integration::Sshd;

TEST_CASE("ssh: a command runs once, and its status and output arrive") {
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    SshCoordinator us(sshd);
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
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    SshCoordinator us(sshd);
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
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    SshCoordinator us(sshd);
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
    if (!has_sshd()) return;
    Sshd sshd;
    const auto host = sshd.host("web01");
    SshCoordinator us(sshd);
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
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    const auto job = on(host, shell("r1-s1-1", "echo begun >> " + sshd.folder() / "ran; until [ -e " +
                                                   sshd.folder() / "go ]; do sleep 0.05; done; echo late"));
    {
        SshCoordinator first(sshd);
        first.ssh->start_or_attach(job);
        REQUIRE(soon([&] { return contents(sshd.folder() / "ran") == "begun\n"; }));
    }
    SshCoordinator second(sshd);
    second.ssh->start_or_attach(attach(job));
    sleep_ms(200);
    put(sshd.folder() / "go", "");
    CHECK(second.inbox.end_of(job.key).out == "late\n");
    CHECK(contents(sshd.folder() / "ran") == "begun\n");
}

TEST_CASE("ssh: a runner that cannot leave the status of its job is seen, and goes on when it can") {
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    SshCoordinator us(sshd);
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
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    SshCoordinator us(sshd);
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
    if (!has_sshd()) return;
    Sshd sshd;
    auto host = sshd.host("web01");
    SshCoordinator us(sshd);
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

TEST_CASE("ssh: a file of known hosts and a folder of sockets are found whatever stands in their names") {
    if (!has_sshd()) return;
    const Sshd sshd;
    auto host = sshd.host("web01");
    const std::string strange = sshd.folder() / "a b \\ \"c";
    std::filesystem::create_directory(strange);
    std::filesystem::copy_file(*host.connect["known_hosts"].as_string(), strange + "/known hosts");
    host.connect["known_hosts"] = program::Value::string(strange + "/known hosts");
    SshCoordinator us(strange);
    CHECK(us.run(on(host, shell("r1-s1-1", "echo fine"))).out == "fine\n");
    CHECK(std::distance(std::filesystem::directory_iterator(strange), {}) == 2);  // the socket as well
}

TEST_CASE("ssh: a host that takes the connection and never speaks is given up when its patience is over") {
    if (!has_sshd()) return;
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
    SshCoordinator us(sshd);
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
    if (!has_sshd()) return;
    const Sshd sshd;
    const auto host = sshd.host("web01");
    SshCoordinator us(sshd);
    for (int i = 0; i < 30; ++i)
        us.ssh->start_or_attach(on(host, shell("j" + std::to_string(i), "echo " + std::to_string(i))));
    for (int i = 0; i < 30; ++i) CHECK(us.inbox.end_of("j" + std::to_string(i)).out == std::to_string(i) + "\n");
}

TEST_CASE("ssh: a Windows host runs our PowerShell (a model of one, behind a real sshd)") {
    if (!has_sshd()) return;
    REQUIRE(integration::have("python3"));
    const Folder windows;
    Sshd sshd("127.0.0.1", {},
              "ForceCommand python3 " + std::string(PVSPLAN_SOURCE_DIR) + "/tests/integration/windows_model.py " +
                  windows.path() + "\n");
    auto host = sshd.host("pvs01");
    host.connect["system"] = program::Value::string("windows");
    SshCoordinator us(sshd);
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
