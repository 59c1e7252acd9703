#include "runtime/ports/process.hpp"

namespace pvsplan::ports {

std::string mark_of(const Identity& who) {
    return who.host + "/" + who.machine + "/" + who.boot + "/" + who.space + "/" + std::to_string(who.pid) + "/" +
           who.started;
}

// An account without a border ends in `@`, and its number may be anybody's.
bool is_same_account(const std::string& account, const std::string& other) {
    return account == other && !account.empty() && !account.ends_with('@');
}

base::Result<std::string> NoSecrets::read(const std::string& name) {
    return base::Error{"the secret `" + name + "` is wanted, but no source of secrets is configured"};
}

}  // namespace pvsplan::ports
