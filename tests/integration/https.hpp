// A small HTTPS server on loopback with certificates of its own, for clients that want one to talk to. They name it
// 127.0.0.1, pvs01.localhost and pvs02.localhost.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/transport/jobs.hpp"

namespace pvsplan::integration {

struct Request {
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
    std::string client;  // the name in the certificate of the client, if it showed one
    int connection = 0;  // counts them
};
struct Response {
    int status = 200;
    std::string body;
    std::vector<std::string> headers;                        // "Name: value"
    enum class Then : std::uint8_t { keep, close, vanish };  // vanish: without an answer
    Then then = Then::keep;
};

class HttpsServer {
  public:
    using Handler = std::function<Response(const Request&)>;
    explicit HttpsServer(Handler handler);
    ~HttpsServer();
    HttpsServer(const HttpsServer&) = delete;
    HttpsServer& operator=(const HttpsServer&) = delete;

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string file(const std::string& name) const {
        return folder_ / name;
    }  // ca.pem, server.pem, server.key, client.pem, client.key

  private:
    void listen();
    void serve(int fd, int number);

    Handler handler_;
    transport_tests::Folder folder_;
    void* context_ = nullptr;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<bool> is_over_ = false;
    std::mutex mutex_;  // the handler sees one request at a time
    std::vector<std::thread> connections_;
    std::thread thread_;
};

}  // namespace pvsplan::integration
