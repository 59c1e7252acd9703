// Jobs on Windows hosts through WS-Management over HTTPS.
//
// `connect` of an object: user, password (a secret), port (5986), login (basic, ntlm, negotiate, certificate; without
// it: certificate if there is one, ntlm if there is a password, else negotiate with the ticket of this user),
// certificate and key (files), ca (a file), verify (true), address (as with ssh), jobs (the folder on the host). With
// ntlm the user is ASCII and the password Latin-1: libcurl carries no other. The certificate of the host is verified;
// without HTTPS there is no winrm.
#pragma once

#include <memory>

#include "runtime/ports/transport.hpp"
#include "runtime/transport/loop.hpp"

namespace pvsplan::transport {

struct WinrmOptions {
    std::size_t max_questions = 64;  // at once, each with a thread
    int connect_timeout_s = 10;
    ports::Millis look_every_ms = 2000;
    ports::Millis first_retry_ms = 500;
    ports::Millis max_retry_ms = 10'000;
};

// `loop` and `mailbox` outlive it. libcurl is loaded with the first host.
std::unique_ptr<ports::Transport> make_winrm(Loop& loop, ports::Mailbox& mailbox, WinrmOptions options);

}  // namespace pvsplan::transport
