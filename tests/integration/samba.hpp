// The server's end of NTLM by Samba: its ntlm_auth, which is told a password, asks nobody
// else, and believes any name that comes with it.
#pragma once

#include <fstream>
#include <optional>
#include <set>
#include <string>

#include "tests/integration/https.hpp"

namespace pvsplan::integration {

class Samba {
  public:
    Samba(const std::string& domain, const std::string& password);
    ~Samba();
    Samba(const Samba&) = delete;
    Samba& operator=(const Samba&) = delete;

    // What to answer to a request on a connection that has not logged in yet; with NTLM it is the connection that logs
    // in. One at a time.
    std::optional<Response> refusal(const Request& request);
    [[nodiscard]] const std::string& user() const { return user_; }  // who logged in last
    [[nodiscard]] const std::string& why() const { return why_; }    // the last one was refused

  private:
    std::string ask(const std::string& line);

    transport_tests::Folder folder_;
    int pid_ = -1;
    std::ofstream questions_;
    std::ifstream answers_;
    std::set<int> logged_in_;
    std::string user_;
    std::string why_;
};

}  // namespace pvsplan::integration
