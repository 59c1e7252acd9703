// One remote shell after another on one Windows host, over HTTPS. The only file that sees libcurl. Everything here
// blocks.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/transport.hpp"
#include "runtime/transport/windows_jobs.hpp"

namespace pvsplan::transport {

struct WsmanHost {
    std::string name;  // for people
    std::string url;
    enum class Login : std::uint8_t { basic, ntlm, negotiate, certificate };
    Login login = Login::ntlm;
    std::string user;
    std::string password;     // UTF-8; with NTLM Latin-1
    std::string ca;           // a file; empty: the authorities of this machine
    std::string certificate;  // files of the client's own
    std::string key;
    enum class Verify : std::uint8_t { yes, no };
    Verify verify = Verify::yes;
    std::string jobs;  // folder on the host; empty: the default
    [[nodiscard]] std::string identity() const { return url + "\n" + user; }
};
// From `connect` and the secrets that it names. An error: what nobody could log in with.
base::Result<WsmanHost> wsman_host(const ports::Job& job);

class WsmanClient {
  public:
    // `stop`, if not null and set by another thread, breaks what is under way within a second or so.
    WsmanClient(WsmanHost host, int connect_timeout_s, const std::atomic<bool>* stop);
    ~WsmanClient();
    WsmanClient(const WsmanClient&) = delete;
    WsmanClient& operator=(const WsmanClient&) = delete;

    // Runs `program` with `input` as its standard input, in a shell of its own, and waits for its end.
    RemoteAnswer run(const std::string& program, const std::vector<std::string>& arguments, std::string_view input);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace pvsplan::transport
