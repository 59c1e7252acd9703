#include "tests/integration/sshd.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <array>
#include <cstdio>
#include <sstream>

namespace pvsplan::integration {

namespace {

using transport_tests::contents;
using transport_tests::put;

std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> result;
    for (const auto& word : words) result.push_back(const_cast<char*>(word.c_str()));
    result.push_back(nullptr);
    return result;
}

pid_t start_process(const std::vector<std::string>& words, int out) {
    const auto argv = pointers(words);
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(out >= 0 ? out : open("/dev/null", O_RDWR), 1);
        execvp(argv[0], argv.data());
        _exit(127);
    }
    return pid;
}

std::string user_name() {
    const passwd* entry = getpwuid(geteuid());
    return entry != nullptr ? entry->pw_name : "root";
}

}  // namespace

int run(const std::vector<std::string>& words) {
    int status = 0;
    const pid_t pid = start_process(words, -1);
    if (pid < 0 || waitpid(pid, &status, 0) != pid) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string output_of(const std::vector<std::string>& words) {
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    const pid_t pid = start_process(words, ends[1]);
    close(ends[1]);
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = read(ends[0], buffer.data(), buffer.size())) > 0;) {
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    close(ends[0]);
    waitpid(pid, nullptr, 0);
    return text;
}

bool have(const std::string& program) {
    return run({"sh", "-c", "command -v " + program + " >/dev/null 2>&1 || [ -x /usr/sbin/" + program + " ]"}) == 0;
}

int start(const std::vector<std::string>& words) { return start_process(words, -1); }

void end(int pid, int signal) {
    if (pid <= 0) return;
    kill(pid, signal);
    waitpid(pid, nullptr, 0);
}

// Bound for as long as this process lives, so that nobody else is given it, and without a listener, so that a server
// that asks to share addresses (SO_REUSEADDR, as each of ours does) can be one.
int free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

bool listens(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const bool is_there = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return is_there;
}

void wait_for(const std::string& path, const std::string& log) {
    const bool is_there = transport_tests::soon([&] { return !contents(path).empty(); });
    INFO(contents(log));
    REQUIRE(is_there);
}

bool Sshd::is_possible() {
    if (!have("sshd") || !have("ssh") || !have("ssh-keygen")) return false;
    return geteuid() != 0 || run({"mkdir", "-p", "/run/sshd"}) == 0;
}

Sshd::Sshd(const std::string& address, std::vector<std::string> wrap, const std::string& more)
    : address_(address), wrap_(std::move(wrap)), port_(wrap_.empty() ? free_port() : 22) {
    run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_ / "login"});
    std::filesystem::copy_file(folder_ / "login.pub", folder_ / "authorized_keys");
    put(folder_ / "config", "ListenAddress " + address_ + "\nPort " + std::to_string(port_) + "\nHostKey " +
                                folder_ / "host_key\nAuthorizedKeysFile " + folder_ / "authorized_keys\nPidFile " +
                                folder_ /
                                    "pid\nUsePAM no\nStrictModes no\nPermitRootLogin yes\nMaxStartups 100\n"
                                    "PasswordAuthentication no\nPrintMotd no\nPrintLastLog no\n" +
                                more);
    put(folder_ / "ssh_config", "Host *\nIdentityAgent none\n");
    replace_host_key();
    const auto key = contents(folder_ / "host_key.pub");
    const auto name = port_ == 22 ? address_ : "[" + address_ + "]:" + std::to_string(port_);
    put(folder_ / "known_hosts", name + " " + key);
    start();
}

Sshd::~Sshd() {
    stop();
    cut_sessions();
}

void Sshd::replace_host_key() {
    run({"rm", "-f", folder_ / "host_key", folder_ / "host_key.pub"});
    run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_ / "host_key"});
}

void Sshd::start() {
    auto words = wrap_;
    words.insert(words.end(), {"/usr/sbin/sshd", "-D", "-f", folder_ / "config", "-E", folder_ / "log"});
    std::filesystem::remove(folder_ / "pid");
    pid_ = integration::start(words);
    wait_for(folder_ / "pid", folder_ / "log");
}

void Sshd::stop() {
    integration::end(pid_, SIGKILL);
    pid_ = -1;
}

// Sessions are the processes named sshd that hold a connection to our port.
void Sshd::cut_sessions() const {
    std::istringstream lines(output_of([this] {
        auto words = wrap_;
        words.insert(words.end(), {"ss", "-Htnp", "sport", "=", ":" + std::to_string(port_)});
        return words;
    }()));
    for (std::string line; std::getline(lines, line);) {
        for (auto at = line.find("\"sshd\",pid="); at != std::string::npos; at = line.find("\"sshd\",pid=", at + 1)) {
            const pid_t pid = std::atoi(line.c_str() + at + 11);
            if (pid > 1 && pid != pid_) kill(pid, SIGKILL);
        }
    }
}

program::Object Sshd::host(const std::string& name) const {
    program::Object object;
    object.id = "server/" + name;
    object.kind = "server";
    object.name = name;
    const auto text = [](std::string value) { return program::Value::string(std::move(value)); };
    object.attributes["address"] = text(address_);
    object.connect = {{"over", text("ssh")},
                      {"user", text(user_name())},
                      {"port", program::Value::integer(port_)},
                      {"identity", text(folder_ / "login")},
                      {"config", text(folder_ / "ssh_config")},
                      {"known_hosts", text(folder_ / "known_hosts")},
                      {"jobs", text(jobs())}};
    return object;
}

}  // namespace pvsplan::integration
