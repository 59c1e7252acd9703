// The accounts of this machine, as its name service knows them: its own files, a directory, a domain.
#pragma once

#include <cstdint>
#include <string>

namespace pvsplan::ports {

class Accounts {
  public:
    virtual ~Accounts() = default;
    enum class Match : std::uint8_t {
        is,  // this process runs as that user, or as a member of that group
        is_not,
        unknown,  // here no user and no group is called so, or nobody answers
    };
    // A user goes before a group of the same name. Who is a member is asked now, not what it was at the login.
    // May ask a directory over the network, and so take a while. From one thread at a time.
    virtual Match match(const std::string& name) = 0;
};

// As the process runs: by its effective account.
class SystemAccounts final : public Accounts {
  public:
    Match match(const std::string& name) override;
};

}  // namespace pvsplan::ports
