// Apache with mod_auth_gssapi before a server of the tests: it lets through, over TLS, whoever shows a Kerberos ticket.
#pragma once

#include <string>

#include "tests/integration/https.hpp"

namespace pvsplan::integration {

class Apache {
  public:
    // Only `permitted` gets through, with tickets for a key of `keytab`. The headers x-user and x-mechanism tell
    // `behind` who that is, and by which mechanism.
    Apache(const HttpsServer& behind, const std::string& keytab, const std::string& permitted);
    ~Apache();
    Apache(const Apache&) = delete;
    Apache& operator=(const Apache&) = delete;

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string log() const { return transport_tests::contents(folder_ / "log"); }

  private:
    transport_tests::Folder folder_;
    int port_;
    int pid_ = -1;
};

}  // namespace pvsplan::integration
