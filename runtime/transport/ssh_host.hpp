// How one host is reached by the OpenSSH client, and what its complaints mean.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/transport/ssh.hpp"

namespace pvsplan::transport {

struct SshHost {
    std::string name;               // for people: "web01.example.org"
    std::vector<std::string> argv;  // up to the command
    std::string jobs;               // folder; empty: the default
    std::string identity;           // equal for equal argv
};
// Fails on a `connect` that ssh cannot be given.
base::Result<SshHost> ssh_host(const ports::Job& job, const SshOptions& options);

struct SshComplaint {
    std::string text;          // for people, with the way out
    bool is_for_good = false;  // trying again does not help
};
// What went wrong when ssh ended with 255.
SshComplaint understand_ssh(const std::string& errors, const SshHost& host);

}  // namespace pvsplan::transport
