// What stands between a client and a server on loopback, and passes on what they say, until it is told to do them harm.
#pragma once

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

namespace pvsplan::integration {

class Relay {
  public:
    explicit Relay(int server);  // its port
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    [[nodiscard]] int port() const { return port_; }

    // The next request that holds `words` cuts its connection: before the server has it, or once the server has
    // answered and before the client has that.
    enum class Cut { before, after };
    void cut(Cut when, const std::string& words);
    [[nodiscard]] int cuts() const { return cuts_; }  // how many were made

    // Of what is sent from here on nothing arrives: of the answers, or either way. What was held back is passed on
    // later, or lost with its connection.
    enum class Blocks { nothing, answers, all };
    void hold(Blocks what);

  private:
    struct Connection {
        int client;
        int server;
        bool ends_with_answer = false;
    };
    void accept_all();
    void serve(Connection connection);
    bool pass_on(Connection& connection, short client, short server);

    int server_;
    int listener_;
    int port_ = 0;
    std::atomic<Blocks> hold_{Blocks::nothing};
    std::atomic<int> cuts_{0};
    std::shared_mutex passing_;  // shared by who passes on
    std::mutex mutex_;           // of the next two
    Cut when_ = Cut::before;
    std::string words_;
    std::atomic<bool> is_over_{false};
    std::thread thread_;
};

}  // namespace pvsplan::integration
