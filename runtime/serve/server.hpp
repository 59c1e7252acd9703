// A server for browsers: one request a connection, each within a time and a size. It knows no page and no run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "compiler/base/result.hpp"
#include "runtime/serve/http.hpp"

namespace pvsplan::serve {

// Where it listens: on this machine alone.
struct Listen {
    std::string address;     // "127.0.0.1", "::1"
    std::uint16_t port = 0;  // 0: any that is free
    std::string socket;      // the path of a socket in place of both
};
// What `--listen` says: "127.0.0.1:8470", "[::1]:8470", "localhost:8470", "unix:/run/pvsplan/serve.sock". An error for
// what other machines could reach.
base::Result<Listen> listen_address(std::string_view text);

// So that a stranger who connects and says nothing, or too much, costs little and not for long.
struct Limits {
    std::size_t connections = 128;      // where there are more, the one that has been slow for longest is closed
    std::size_t header_bytes = 16'384;  // 431 beyond it
    std::size_t body_bytes = 16'384;    // 413 beyond it
    std::int64_t read_ms = 10'000;      // for a whole request, and for a whole answer
    std::int64_t write_ms = 30'000;
    std::size_t threads = 4;  // that make pages
};

// Listens from the moment it is made.
class Server {
  public:
    virtual ~Server() = default;  // ends what is under way, and closes all connections
    // "http://127.0.0.1:8470/", with the port that it has; "unix:/run/pvsplan/serve.sock".
    [[nodiscard]] virtual const std::string& url() const = 0;
};

// Answers by `answer`, which several threads call at once, from here on.
using Answer = std::function<Response(const Request&)>;
// An error where it cannot listen. An exception of `answer` is answered with 500.
base::Result<std::unique_ptr<Server>> start_server(const Listen& where, const Limits& limits, Answer answer);

}  // namespace pvsplan::serve
