// A coordinator that reaches hosts through a real sshd, as the tests of that transport have it.
#pragma once

#include <memory>
#include <utility>

#include "runtime/transport/ssh.hpp"
#include "tests/integration/sshd.hpp"
#include "tests/unit/skip.hpp"

namespace pvsplan::integration {

using transport_tests::Inbox;
using transport_tests::Job;
using transport_tests::JobEvent;

inline bool has_sshd() {
    static const bool possible = Sshd::is_possible();
    if (!possible) tests::skip("no sshd can be run here");
    return possible;
}

struct SshCoordinator {
    ports::Mailbox mailbox;
    transport::Loop loop;
    std::unique_ptr<ports::Transport> ssh;
    Inbox inbox{mailbox};
    struct Options {
        int alive_interval_s = 1;
        std::int64_t retired_s = transport::retired_kept_s;
    };
    explicit SshCoordinator(const std::string& sockets, Options options)
        : ssh(transport::make_ssh(loop, mailbox,
                                  {.sockets = sockets,
                                   .connect_timeout_s = 20,  // a busy host takes its time to greet
                                   .alive_interval_s = options.alive_interval_s,
                                   .first_retry_ms = 50,
                                   .max_retry_ms = 500,
                                   .retired_s = options.retired_s})) {}
    explicit SshCoordinator(const std::string& sockets) : SshCoordinator(sockets, Options{}) {}
    explicit SshCoordinator(const Sshd& sshd) : SshCoordinator(sshd.folder().path()) {}
    JobEvent run(Job job) {
        const auto key = job.key;
        ssh->start_or_attach(std::move(job));
        return inbox.end_of(key);
    }
};

inline Job on(const program::Object& host, Job job, ports::Millis patience_ms = tests::patience_ms) {
    job.host = &host;
    job.patience_ms = patience_ms;
    return job;
}

}  // namespace pvsplan::integration
