#include "tests/integration/relay.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <vector>

#include <catch2/catch.hpp>

namespace pvsplan::integration {

namespace {

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

int new_socket() {
    const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const timeval patience = {.tv_sec = 10, .tv_usec = 0};
    setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return made;
}

bool send_all(int to, const std::string& bytes) {
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t now = send(to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (now <= 0) return false;
        sent += static_cast<std::size_t>(now);
    }
    return true;
}

// Empty: it has hung up.
std::string received(int from) {
    std::array<char, 65536> bytes;
    const ssize_t size = recv(from, bytes.data(), bytes.size(), 0);
    return size <= 0 ? std::string() : std::string(bytes.data(), static_cast<std::size_t>(size));
}

}  // namespace

Relay::Relay(int server) : server_(server), listener_(new_socket()) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener_, 64) == 0);
    REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { accept_all(); });
}

Relay::~Relay() {
    is_over_ = true;
    thread_.join();
    close(listener_);
}

void Relay::cut(Cut when, const std::string& words) {
    const std::lock_guard lock(mutex_);
    when_ = when;
    words_ = words;
}

// Nothing is passed on while it changes, and who looks afterwards sees it.
void Relay::hold(Blocks what) {
    const std::unique_lock alone(passing_);
    hold_ = what;
}

void Relay::accept_all() {
    std::vector<std::thread> all;
    while (!is_over_) {
        pollfd wait = {listener_, POLLIN, 0};
        if (poll(&wait, 1, 10) <= 0) continue;
        const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client >= 0) all.emplace_back([this, client] { serve({.client = client, .server = new_socket()}); });
    }
    for (std::thread& one : all) one.join();
}

void Relay::serve(Connection connection) {
    const sockaddr_in address = loopback(server_);
    bool goes_on = connect(connection.server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    while (goes_on && !is_over_) {
        const Blocks hold = hold_;
        std::array<pollfd, 2> waits = {
            {{connection.client, static_cast<short>(hold == Blocks::all ? 0 : POLLIN), 0},
             {connection.server, static_cast<short>(hold == Blocks::nothing ? POLLIN : 0), 0}}};
        if (poll(waits.data(), waits.size(), 10) <= 0) continue;
        const std::shared_lock with_others(passing_);
        if (hold_ == hold) goes_on = pass_on(connection, waits[0].revents, waits[1].revents);
    }
    close(connection.client);
    close(connection.server);
}

// False: the connection is over.
bool Relay::pass_on(Connection& connection, short client, short server) {
    if ((client & POLLIN) != 0) {
        const std::string request = received(connection.client);
        if (request.empty()) return false;
        const std::lock_guard lock(mutex_);
        if (!words_.empty() && request.find(words_) != std::string::npos) {
            words_.clear();
            ++cuts_;
            if (when_ == Cut::before) return false;
            connection.ends_with_answer = true;
        }
        if (!send_all(connection.server, request)) return false;
    } else if ((client & (POLLHUP | POLLERR)) != 0) {
        return false;
    }
    if ((server & POLLIN) != 0) {
        const std::string answer = received(connection.server);
        if (answer.empty() || connection.ends_with_answer || !send_all(connection.client, answer)) return false;
    } else if ((server & (POLLHUP | POLLERR)) != 0) {
        return false;
    }
    return true;
}

}  // namespace pvsplan::integration
