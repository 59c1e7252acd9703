// Jobs on hosts that the OpenSSH client reaches, with its own configuration, agent, known hosts and multiplexing.
//
// `connect` of an object: user, port, identity (a file), config (a file for ssh -F), known_hosts (a file), jump (as ssh
// -J takes it), address (else the attribute `address`, else the object's name), jobs (the folder on the host), system
// (`windows`: the host's jobs are those of windows_job.hpp; without it those of job_folder.hpp).
// A host key that is not known is an error; there is no password (the agent and keys log in).
#pragma once

#include <memory>
#include <string>

#include "runtime/ports/transport.hpp"
#include "runtime/transport/loop.hpp"
#include "runtime/transport/retired.hpp"

namespace pvsplan::transport {

struct SshOptions {
    std::string program = "ssh";
    std::string sockets;  // the folder of multiplexing sockets; empty: one of this user
    int connect_timeout_s = 10;
    int alive_interval_s = 5;            // a connection that is silent for three of these is cut
    ports::Millis first_retry_ms = 500;  // then twice as long each time …
    ports::Millis max_retry_ms = 10'000;
    std::int64_t retired_s = retired_kept_s;
};

// `loop` and `mailbox` outlive it.
std::unique_ptr<ports::Transport> make_ssh(Loop& loop, ports::Mailbox& mailbox, SshOptions options);

}  // namespace pvsplan::transport
