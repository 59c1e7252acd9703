// Hosts with addresses of their own, in network namespaces, each with a real sshd: links are cut and
// restored, hosts restarted and lines slow while a step runs.
#include <unistd.h>
#include <csignal>

#include <sstream>

#include "tests/integration/ssh_coordinator.hpp"

using namespace pvsplan;
using namespace pvsplan::transport_tests;
using integration::SshCoordinator;
using integration::Sshd;

namespace {

// A namespace with one link to us.
class Namespace {
  public:
    explicit Namespace(int number)
        : name_("pvsplan" + std::to_string(getpid()) + "x" + std::to_string(number)),
          link_("pv" + std::to_string(getpid() % 100000) + "x" + std::to_string(number)),
          ours_(address_of(4 * number + 1)),
          theirs_(address_of(4 * number + 2)) {
        works_ = ip({"netns", "add", name_}) &&
                 ip({"link", "add", link_, "type", "veth", "peer", "name", "eth0", "netns", name_}) &&
                 ip({"addr", "add", ours_ + "/30", "dev", link_}) && ip({"link", "set", link_, "up"}) &&
                 ip({"-n", name_, "addr", "add", theirs_ + "/30", "dev", "eth0"}) &&
                 ip({"-n", name_, "link", "set", "eth0", "up"}) && ip({"-n", name_, "link", "set", "lo", "up"});
    }
    ~Namespace() {
        ip({"link", "del", link_});
        ip({"netns", "del", name_});
    }
    Namespace(const Namespace&) = delete;
    Namespace& operator=(const Namespace&) = delete;

    [[nodiscard]] bool works() const { return works_; }
    [[nodiscard]] const std::string& address() const { return theirs_; }
    [[nodiscard]] std::vector<std::string> wrap() const { return {"ip", "netns", "exec", name_}; }
    void cut() const { ip({"link", "set", link_, "down"}); }
    void repair() const { ip({"link", "set", link_, "up"}); }
    // Ends everything that runs on it at once, as a power cut does.
    void power_cut() const {
        std::istringstream pids(integration::output_of({"ip", "netns", "pids", name_}));
        for (pid_t pid = 0; pids >> pid;) kill(pid, SIGKILL);
    }

  private:
    // Of the network that measurements use (RFC 2544), where nobody else is; other processes of these tests have
    // another part of it.
    static std::string address_of(int number) {
        return "198." + std::to_string(18 + getpid() / 256 % 2) + "." + std::to_string(getpid() % 256) + "." +
               std::to_string(number);
    }
    static bool ip(std::vector<std::string> words) {
        std::string line = "ip";
        for (const auto& word : words) line += " " + word;
        return integration::run({"sh", "-c", line + " 2>/dev/null"}) == 0;
    }
    std::string name_;
    std::string link_;
    std::string ours_;
    std::string theirs_;
    bool works_ = false;
};

bool is_possible() {
    static const bool possible = [] {
        if (geteuid() != 0 || !integration::have("ip") || !Sshd::is_possible()) return false;
        return Namespace(62).works();
    }();
    if (!possible) pvsplan::tests::skip("network namespaces want root, iproute2 and a kernel that permits them");
    return possible;
}

// A step that says when it has begun and goes on when it is told to.
struct Step {
    const Sshd& sshd;
    program::Object host;
    Job job;
    Step(const Sshd& on, const std::string& name) : sshd(on), host(on.host(name)) {
        job = shell("r1-" + name + "-1", "echo begun >> " + sshd.folder() / "ran; until [ -e " +
                                             sshd.folder() / "go ]; do sleep 0.05; done; echo late");
        job.patience_ms = tests::patience_ms;
        job.host = &host;
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    [[nodiscard]] std::string ran() const { return contents(sshd.folder() / "ran"); }
    void go() const { put(sshd.folder() / "go", ""); }
};

}  // namespace

TEST_CASE("network: a link is cut in mid-step and restored; only its host is unreachable, and nothing runs twice") {
    if (!is_possible()) return;
    const Namespace east(1);
    const Namespace west(2);
    const Sshd at_east(east.address(), east.wrap());
    const Sshd at_west(west.address(), west.wrap());
    const Step one(at_east, "east");
    const Step two(at_west, "west");
    const Folder sockets;
    SshCoordinator us(sockets.path(),
                      {.alive_interval_s = 4});  // no busy machine lets the other host be silent so long
    us.ssh->start_or_attach(one.job);
    us.ssh->start_or_attach(two.job);
    REQUIRE(soon([&] { return one.ran() == "begun\n" && two.ran() == "begun\n"; }));
    east.cut();
    REQUIRE(us.inbox.sees(one.job.key, JobEventType::unreachable));
    SECTION("the step ends while its host is away") {
        one.go();
        sleep_ms(500);
        east.repair();
    }
    SECTION("the step goes on after its host is back") {
        east.repair();
        REQUIRE(us.inbox.sees(one.job.key, JobEventType::reachable));
        one.go();
    }
    CHECK(us.inbox.end_of(one.job.key).out == "late\n");
    two.go();
    CHECK(us.inbox.end_of(two.job.key).out == "late\n");
    CHECK_FALSE(us.inbox.sees(two.job.key, JobEventType::unreachable, 0));
    CHECK(one.ran() == "begun\n");
    CHECK(two.ran() == "begun\n");
}

TEST_CASE("network: a short break is not even noticed") {
    if (!is_possible()) return;
    const Namespace east(3);
    const Sshd sshd(east.address(), east.wrap());
    const Step step(sshd, "east");
    const Folder sockets;
    SshCoordinator us(sockets.path(), {.alive_interval_s = 20});  // however long a busy machine takes to repair it
    us.ssh->start_or_attach(step.job);
    REQUIRE(soon([&] { return step.ran() == "begun\n"; }));
    east.cut();
    sleep_ms(700);
    east.repair();
    step.go();
    CHECK(us.inbox.end_of(step.job.key).out == "late\n");
    CHECK_FALSE(us.inbox.sees(step.job.key, JobEventType::unreachable, 0));
}

TEST_CASE("network: a host that cannot be reached at first is waited for") {
    if (!is_possible()) return;
    const Namespace east(4);
    const Sshd sshd(east.address(), east.wrap());
    const Step step(sshd, "east");
    step.go();
    const Folder sockets;
    SshCoordinator us(sockets.path());
    east.cut();
    us.ssh->start_or_attach(step.job);
    REQUIRE(us.inbox.sees(step.job.key, JobEventType::unreachable));
    CHECK(step.ran().empty());
    east.repair();
    CHECK(us.inbox.end_of(step.job.key).out == "late\n");
    CHECK(step.ran() == "begun\n");
}

TEST_CASE("network: the coordinator dies and its host is away when the next one comes") {
    if (!is_possible()) return;
    const Namespace east(5);
    const Sshd sshd(east.address(), east.wrap());
    const Step step(sshd, "east");
    const Folder sockets;
    {
        SshCoordinator first(sockets.path());
        first.ssh->start_or_attach(step.job);
        REQUIRE(soon([&] { return step.ran() == "begun\n"; }));
        east.cut();
    }
    SshCoordinator second(sockets.path());
    second.ssh->start_or_attach(attach(step.job));
    REQUIRE(second.inbox.sees(step.job.key, JobEventType::unreachable));
    step.go();
    east.repair();
    CHECK(second.inbox.end_of(step.job.key).out == "late\n");
    CHECK(step.ran() == "begun\n");
}

TEST_CASE("network: a host loses its power and comes back: the step is in doubt, not repeated") {
    if (!is_possible()) return;
    const Namespace east(6);
    Sshd sshd(east.address(), east.wrap());
    const Step step(sshd, "east");
    const Folder sockets;
    SshCoordinator us(sockets.path());
    us.ssh->start_or_attach(step.job);
    REQUIRE(soon([&] { return step.ran() == "begun\n"; }));
    east.cut();
    east.power_cut();
    sshd.stop();
    REQUIRE(us.inbox.sees(step.job.key, JobEventType::unreachable));
    east.repair();
    sshd.start();
    CHECK(us.inbox.end_of(step.job.key).type == JobEventType::no_record);
    CHECK(step.ran() == "begun\n");
}

TEST_CASE("network: a slow line") {
    if (!is_possible()) return;
    REQUIRE(integration::have("python3"));
    const Sshd sshd;
    Step step(sshd, "east");
    const auto port = std::to_string(*step.host.connect.at("port").as_integer());
    put(sshd.folder() / "ssh_config", "Host *\nIdentityAgent none\nProxyCommand python3 " +
                                          std::string(PVSPLAN_SOURCE_DIR) +
                                          "/tests/integration/slow_relay.py 127.0.0.1 " + port + " 0.15\n");
    step.go();
    const Folder sockets;
    SshCoordinator us(sockets.path());
    us.ssh->start_or_attach(step.job);
    CHECK(us.inbox.end_of(step.job.key).out == "late\n");
    CHECK(step.ran() == "begun\n");
}
